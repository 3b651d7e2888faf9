package identity

import (
	"context"
	"errors"
	"time"

	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/throttle"
	"partnerhub/internal/viewer"
)

// Rules are what may be tried how often. Each try counts that turns out to be
// wrong; a mail counts always. An account is an address that somebody signs in
// with, whether it is one or not.
//
// Only the pair of account and network is refused soon, so that nobody can lock
// an owner out from elsewhere. An account that is guessed at from everywhere
// is slowed. A network is refused where more is tried than all the people
// behind one address get wrong, and never for an account that somebody has
// signed in to from there.
type Rules struct {
	Pair, Account, Network throttle.Rule // passwords, to sign in
	Session                throttle.Rule // the present password, to set another

	// Code is for wrong codes, by network. With 80 bits nobody guesses one;
	// this is for the log and the database, which need not hear of it.
	Code throttle.Rule

	// MailTo is for mails that somebody may have sent to an address; MailFrom
	// for those that somebody at a network may have sent.
	MailTo, MailFrom throttle.Rule

	// InvitationTo and InvitationBy are for mails that bring somebody into a
	// company or onto the platform: to an address, and by a person.
	InvitationTo, InvitationBy throttle.Rule

	// LookUp is for addresses that turn out to have no account, by person (A61).
	LookUp throttle.Rule
}

// DefaultRules are those that hold when nothing is set.
func DefaultRules() Rules {
	return Rules{
		Pair:         throttle.Rule{Name: "sign-in pair", Tries: 10, Every: 6 * time.Minute},
		Account:      throttle.Rule{Name: "sign-in account", Tries: 20, Every: 3 * time.Minute, Slow: 250 * time.Millisecond, SlowMost: 4 * time.Second},
		Network:      throttle.Rule{Name: "sign-in network", Tries: 100, Every: 12 * time.Second},
		Session:      throttle.Rule{Name: "password", Tries: 10, Every: 6 * time.Minute},
		Code:         throttle.Rule{Name: "code", Tries: 50, Every: time.Minute},
		MailTo:       throttle.Rule{Name: "mail to", Tries: 6, Every: 10 * time.Minute},
		MailFrom:     throttle.Rule{Name: "mail from", Tries: 200, Every: 20 * time.Second},
		InvitationTo: throttle.Rule{Name: "invitation to", Tries: 10, Every: 10 * time.Minute},
		InvitationBy: throttle.Rule{Name: "invitation by", Tries: 100, Every: time.Minute},
		LookUp:       throttle.Rule{Name: "look-up by", Tries: 20, Every: 3 * time.Minute},
	}
}

type rulesKey struct{}

// WithRules returns a context in which these rules hold. Without it the
// default ones do.
func WithRules(ctx context.Context, r *Rules) context.Context {
	return context.WithValue(ctx, rulesKey{}, r)
}

var defaultRules = DefaultRules()

func rules(ctx context.Context) *Rules {
	if r, ok := ctx.Value(rulesKey{}).(*Rules); ok {
		return r
	}
	return &defaultRules
}

// placesOfAccount are the networks from which somebody signed in.
var placesOfAccount = throttle.Rule{Name: "signed in", Every: SessionLife}

var (
	turns  throttle.Turns
	delays throttle.Delays
)

// here adds the count of the asker's network, which the server itself has not.
func here(ctx context.Context, rule throttle.Rule, counts ...throttle.Count) []throttle.Count {
	if network := viewer.Address(ctx); network != "" {
		return append(counts, rule.Of(network))
	}
	return counts
}

// guess is a try at a password.
type guess struct {
	db     *store.DB
	counts []throttle.Count
	done   func()
}

// guessing counts a try at a password, and waits for its turn and for its
// delay, without a transaction or a core. Tries at the pair come one after the
// other. Others are the counts of a try where nobody ever signed in from;
// place, if there is one, tells that somebody did.
//
// It fails with [throttle.ErrTooMany].
func guessing(ctx context.Context, db *store.DB, pair throttle.Count, place *throttle.Count, others ...throttle.Count) (*guess, error) {
	done, err := turns.Wait(ctx, pair)
	if err != nil {
		return nil, err
	}
	g := &guess{db: db, done: done}
	delay, err := store.Do(ctx, db, func(tx *store.Tx) (time.Duration, error) {
		g.counts = append([]throttle.Count{pair}, others...)
		if place != nil {
			usual, err := throttle.Runs(ctx, tx, *place)
			if err != nil {
				return 0, err
			}
			if usual {
				g.counts = g.counts[:1]
			}
		}
		return throttle.Try(ctx, tx, g.counts...)
	})
	if err == nil {
		err = delays.Hold(ctx, delay)
	}
	if err != nil {
		done()
		return nil, err
	}
	return g, nil
}

// over ends the try. One that the server had no time to look at was none.
func (g *guess) over(ctx context.Context, outcome error) {
	defer g.done()
	if !errors.Is(outcome, ErrBusy) {
		return
	}
	_, _ = store.Do(ctx, g.db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, g.right(ctx, tx) })
}

// right gives the try back in the transaction of what it was for.
func (g *guess) right(ctx context.Context, tx *store.Tx) error {
	return throttle.Return(ctx, tx, g.counts...)
}

// mailing counts a mail to an address that somebody asks for who is not signed
// in, whether it is sent or not: nothing tells.
func mailing(ctx context.Context, tx *store.Tx, email string) error {
	_, err := throttle.Try(ctx, tx, here(ctx, rules(ctx).MailFrom, rules(ctx).MailTo.Of(email))...)
	return err
}

// Inviting counts a mail by which who is signed in invites an address. It
// fails with [throttle.ErrTooMany].
func Inviting(ctx context.Context, tx *store.Tx, email string) error {
	_, err := throttle.Try(ctx, tx, rules(ctx).InvitationTo.Of(email), rules(ctx).InvitationBy.Of(viewer.From(ctx).UserID))
	return err
}

// LookingUp does something with the person at an address, by who is signed in,
// and counts it where the address has no account, which is what the refusal
// unknown tells (A61). The count stays, though nothing else is changed then.
//
// It fails with [throttle.ErrTooMany], and as do does.
func LookingUp[T any](ctx context.Context, tx *store.Tx, unknown *errs.Error, do func() (T, error)) (found T, refusal, err error) {
	count := rules(ctx).LookUp.Of(viewer.From(ctx).UserID)
	if _, err := throttle.Try(ctx, tx, count); err != nil {
		return found, nil, err
	}
	found, err = do()
	if errors.Is(err, unknown) {
		return found, err, nil
	}
	if err != nil {
		return found, nil, err
	}
	return found, nil, throttle.Return(ctx, tx, count)
}
