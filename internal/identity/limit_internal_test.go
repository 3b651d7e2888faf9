package identity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"partnerhub/internal/store"
	"partnerhub/internal/throttle"
	"partnerhub/internal/viewer"
)

// from is a request from a network.
func from(t *testing.T, network string) context.Context {
	return viewer.WithAddress(t.Context(), network)
}

// wrongTry counts a wrong try at a password, without the work of one.
func wrongTry(ctx context.Context, db *store.DB, email string) error {
	place := placesOfAccount.Of(email, viewer.Address(ctx))
	g, err := guessing(ctx, db, rules(ctx).Pair.Of(email, viewer.Address(ctx)), &place, here(ctx, rules(ctx).Network, rules(ctx).Account.Of(email))...)
	if err == nil {
		g.over(ctx, ErrBadCredentials)
	}
	return err
}

// Whoever tries many accounts is refused after a hundred, except for accounts
// that somebody has signed in to from the same place; other places are not
// touched.
func TestGuessing_Network(t *testing.T) {
	db, _ := open(t)
	office, elsewhere := from(t, "192.0.2.7"), from(t, "192.0.2.8")
	write(t, db, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
		return struct{}{}, throttle.Remember(ctx, tx, placesOfAccount.Of("jan@people.example", "192.0.2.7"))
	})
	for i := range defaultRules.Network.Tries {
		if err := wrongTry(office, db, fmt.Sprintf("nobody%d@people.example", i)); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if err := wrongTry(office, db, "eve@people.example"); !errors.Is(err, throttle.ErrTooMany) {
		t.Errorf("one account more: %v", err)
	}
	if err := wrongTry(elsewhere, db, "eve@people.example"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	for range defaultRules.Pair.Tries {
		if err := wrongTry(office, db, "jan@people.example"); err != nil {
			t.Errorf("where jan signs in: %v", err)
		}
	}
	if err := wrongTry(office, db, "jan@people.example"); err == nil {
		t.Error("a guesser where jan signs in is not stopped")
	}
}

// An account that is guessed at from everywhere is slowed, and never refused
// from a place that has not guessed itself.
func TestGuessing_Account(t *testing.T) {
	db, _ := open(t)
	for i := range defaultRules.Account.Tries + 20 {
		write(t, db, func(ctx context.Context, tx *store.Tx) (time.Duration, error) {
			delay, err := throttle.Try(ctx, tx, rules(ctx).Account.Of("jan@people.example"))
			if over := i - defaultRules.Account.Tries; err != nil || over < 0 != (delay == 0) || delay > defaultRules.Account.SlowMost || over > 5 && delay != defaultRules.Account.SlowMost {
				t.Errorf("try %d is delayed by %v, %v", i, delay, err)
			}
			return 0, nil
		})
	}
	begun := time.Now()
	if err := wrongTry(from(t, "198.51.100.1"), db, "jan@people.example"); err != nil {
		t.Errorf("the owner elsewhere: %v", err)
	}
	if took := time.Since(begun); took < defaultRules.Account.SlowMost {
		t.Errorf("the owner waited %v", took)
	}
}

// Twenty at the same moment are twenty tries.
func TestGuessing_AtTheSameMoment(t *testing.T) {
	db, _ := open(t)
	ctx := from(t, "192.0.2.7")
	var let, refused atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch err := wrongTry(ctx, db, "jan@people.example"); {
			case err == nil:
				let.Add(1)
			case errors.Is(err, throttle.ErrTooMany):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if let.Load() != 10 || refused.Load() != 10 {
		t.Errorf("%d were let, %d refused", let.Load(), refused.Load())
	}
}

// The same work is done for an address with an account and without: as many
// statements, as many hashes.
func TestEqualWork(t *testing.T) {
	db, statements := open(t)
	hashes := new(atomic.Int64)
	makeHash = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
		hashes.Add(1)
		return argon2.IDKey(password, salt, 1, 64, threads, keyLen)
	}
	t.Cleanup(func() { makeHash = argon2.IDKey })
	person(t, db, "unconfirmed@people.example", false)
	confirmed := person(t, db, "confirmed@people.example", true)
	hash, err := hashPassword(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
		return struct{}{}, tx.User.UpdateOne(confirmed).SetPasswordHash(hash).Exec(ctx)
	})
	ctx := from(t, "192.0.2.7")
	type work struct{ statements, hashes int64 }
	for name, do := range map[string]func(email string) error{
		"sign-in": func(email string) error {
			_, err := Enter(ctx, db, SignIn{Email: email, Password: "wrong horse battery"})
			if errors.Is(err, ErrBadCredentials) {
				return nil
			}
			return err
		},
		"sign-up": func(email string) error {
			_, err := Register(ctx, db, SignUp{Email: email, Password: "correct horse battery", Name: "Jan"})
			return err
		},
		"resending": func(email string) error { return Resend(ctx, db, VerificationResend{Email: email}) },
		"reset":     func(email string) error { return RequestReset(ctx, db, PasswordResetRequest{Email: email}) },
	} {
		var first work
		for i, email := range []string{"confirmed@people.example", "unconfirmed@people.example", "nobody@" + name + ".example"} {
			if name == "sign-in" && i == 1 {
				continue // has no password that could be compared
			}
			before := work{statements.Load(), hashes.Load()}
			if err := do(email); err != nil {
				t.Fatalf("%s of %s: %v", name, email, err)
			}
			done := work{statements.Load() - before.statements, hashes.Load() - before.hashes}
			if i == 0 {
				first = done
			}
			if done != first || done.statements == 0 {
				t.Errorf("%s takes %+v for %s, and %+v for one with a confirmed account", name, done, email, first)
			}
		}
	}
}

// However many want a password hashed, no more are at work than there are
// cores, and no more wait than can be served in some seconds.
func TestHashing_bounded(t *testing.T) {
	var running, most, made atomic.Int64
	free := make(chan struct{})
	makeHash = func([]byte, []byte, uint32, uint32, uint8, uint32) []byte {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-free
		running.Add(-1)
		made.Add(1)
		return []byte("hash")
	}
	t.Cleanup(func() { makeHash = argon2.IDKey })
	room := int(cores + maxWaiting)
	var busy atomic.Int64
	var all sync.WaitGroup
	for range room + 50 {
		all.Go(func() {
			if _, err := hashPassword(t.Context(), "correct horse battery"); errors.Is(err, ErrBusy) {
				busy.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for end := time.Now().Add(10 * time.Second); busy.Load() < 50 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	close(free)
	all.Wait()
	if most.Load() != cores || busy.Load() != 50 || made.Load() != int64(room) {
		t.Errorf("%d at once on %d cores, %d of %d made, %d refused", most.Load(), cores, made.Load(), room, busy.Load())
	}
	if n := waiting.Load(); n != 0 {
		t.Errorf("%d wait still", n)
	}
}

// A try that the server had no time for does not count.
func TestGuessing_Busy(t *testing.T) {
	db, _ := open(t)
	waiting.Add(maxWaiting)
	defer waiting.Add(-maxWaiting)
	ctx := from(t, "192.0.2.7")
	for range 2 * defaultRules.Pair.Tries {
		if _, err := Enter(ctx, db, SignIn{Email: "jan@people.example", Password: "wrong horse battery"}); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
}
