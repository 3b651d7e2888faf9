// Package idempotency lets a client repeat a call whose answer it never saw:
// the key that came with the first call finds its effect (A33, A48).
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/idempotencykey"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Window is how long a key is remembered, by the clock of the business (A47).
const Window = 24 * time.Hour

// MaxKey is the longest key, in bytes.
const MaxKey = 128

// Refusals of a key.
var (
	// ErrMismatch answers a key that was used with other input.
	ErrMismatch = errs.New(errs.IdempotencyMismatch, "errorIdempotencyMismatch")
	// ErrKey answers a key that is empty or longer than [MaxKey].
	ErrKey = errs.New(errs.Invalid, "errorIdempotencyKey")
)

// Key is the key of one call, or none.
type Key struct {
	operation string
	key       *string
	hash      string
}

// New returns the key of a call of an operation; key is nil where the client
// sent none. input is the whole input, by which another call is told apart.
func New(operation string, key *string, input any) Key {
	if key == nil {
		return Key{}
	}
	text, err := json.Marshal(input)
	if err != nil { // an input is made of texts and numbers
		panic(fmt.Sprintf("idempotency: %T cannot be told apart: %v", input, err))
	}
	sum := sha256.Sum256(text)
	return Key{operation: operation, key: key, hash: hex.EncodeToString(sum[:])}
}

// Check refuses a key of wrong form with [ErrKey]. It belongs to the errors of
// form, before all others (A35).
func (k Key) Check() *errs.Error {
	if k.key != nil && (*k.key == "" || len(*k.key) > MaxKey) {
		return ErrKey.On("idempotencyKey").With("max", MaxKey)
	}
	return nil
}

// Hash returns the SHA-256 of the whole input, in hex; "" without a key. It is
// for what remembers keys by itself.
func (k Key) Hash() string { return k.hash }

// Earlier returns the id that the first call with this key resulted in, ""
// where this is the first. It fails with [ErrMismatch]. A command asks it once
// it knows that the viewer has the right, before all rules of state (A35).
func (k Key) Earlier(ctx context.Context, tx *store.Tx) (string, error) {
	if k.key == nil {
		return "", nil
	}
	ctx = viewer.System(ctx)
	row, err := tx.IdempotencyKey.Query().Where(
		idempotencykey.UserID(viewer.From(ctx).UserID), // the person, whichever session (A48)
		idempotencykey.Operation(k.operation),
		idempotencykey.Key(*k.key),
	).Only(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for an idempotency key: %w", err)
	}
	if !row.CreatedAt.Add(Window).After(tx.Now) {
		// Not by the row itself, which somebody else may have forgotten meanwhile.
		if _, err := tx.IdempotencyKey.Delete().Where(idempotencykey.ID(row.ID)).Exec(ctx); err != nil {
			return "", fmt.Errorf("forget an idempotency key: %w", err)
		}
		return "", nil
	}
	if row.InputHash != k.hash {
		return "", ErrMismatch.On("idempotencyKey")
	}
	return row.ResultID, nil
}

// Keep remembers what the call resulted in. Only effects are kept: a refused
// call may be tried again with its key (A48).
func (k Key) Keep(ctx context.Context, tx *store.Tx, resultID string) error {
	if k.key == nil {
		return nil
	}
	err := tx.IdempotencyKey.Create().
		SetUserID(viewer.From(ctx).UserID).SetOperation(k.operation).SetKey(*k.key).
		SetInputHash(k.hash).SetResultID(resultID).SetCreatedAt(tx.Now).Exec(viewer.System(ctx))
	if store.IsUnique(err) {
		return store.Again(err) // the same call at the same moment: the retry finds its effect
	}
	if err != nil {
		return fmt.Errorf("keep an idempotency key: %w", err)
	}
	return nil
}

// Sweep forgets the keys that are too old to be found.
func Sweep(ctx context.Context, db *store.DB) (int, error) {
	ctx = viewer.System(ctx)
	return store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		return tx.IdempotencyKey.Delete().Where(idempotencykey.CreatedAtLTE(tx.Now.Add(-Window))).Exec(ctx)
	})
}
