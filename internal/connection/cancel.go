package connection

import (
	"context"
	"fmt"

	"partnerhub/internal/store"
)

// Cancel withdraws a pending request or invitation, which may then be sent
// again (A4). It returns the id of what was withdrawn.
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] or [ErrState].
func Cancel(ctx context.Context, db *store.DB, in Ref) (string, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (string, error) {
		c, err := forStep(ctx, tx, in.ConnectionID, ActionCancel)
		if err != nil {
			return "", err
		}
		s, err := sidesOf(ctx, tx, c)
		if err != nil {
			return "", err
		}
		if err := tx.Connection.DeleteOne(c).Exec(ctx); err != nil {
			return "", fmt.Errorf("withdraw a request: %w", err)
		}
		return c.ID, s.record(ctx, tx, "connectionCancel", c)
	})
}
