package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"partnerhub/ent"
	entmail "partnerhub/ent/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// How the outbox tries again.
const (
	firstPause = time.Second           // after the first failure; each next one is twice as long
	longPause  = time.Hour             // the longest
	shortPause = 50 * time.Millisecond // what is due may be another server's, which is just taking it
	giveUp     = 72 * time.Hour        // after a mail was written
	lookAgain  = time.Minute           // without a wake-up: another server may have posted a mail
	claim      = 30 * time.Second      // how long a mail is a server's alone, unless it says so again
	lastWord   = 5 * time.Second
)

// Deliver sends the mails of the outbox until ctx ends: at once after wake,
// and those that failed again, after pauses that grow from a second to an
// hour, for three days. It may run on several servers at once: each claims a
// mail before it sends it, and the mails of one that died are taken over within
// half a minute.
//
// A mail whose sending was not noted, since the program was killed between,
// is sent again under the same Message-ID. At the end of ctx the mail that is
// on its way has a few seconds to arrive.
func Deliver(ctx context.Context, db *store.DB, sender Sender, wake <-chan struct{}, log *slog.Logger) {
	o := outbox{db: db, sender: sender, log: log, domain: idDomain(db.PublicURL)}
	ctx = viewer.System(ctx)
	for ctx.Err() == nil {
		pause, err := o.round(ctx)
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "cannot read or note mails", "error", err)
			pause = firstPause
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

type outbox struct {
	db     *store.DB
	sender Sender
	log    *slog.Logger
	domain string // of the Message-IDs
}

// round sends what is due, and says how long nothing else will be.
func (o outbox) round(ctx context.Context) (time.Duration, error) {
	for {
		due, err := o.claimDue(ctx)
		if err != nil {
			return 0, err
		}
		if len(due) == 0 {
			break
		}
		for _, m := range due {
			if err := o.try(ctx, m); err != nil {
				return 0, err
			}
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	next, err := waiting(o.db.Read(ctx)).First(ctx)
	if ent.IsNotFound(err) {
		return lookAgain, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for mails: %w", err)
	}
	return max(shortPause, min(time.Until(next.NextAttemptAt), lookAgain)), nil
}

// waiting are the mails to be sent, those that wait the longest first.
func waiting(c *ent.Client) *ent.MailQuery {
	return c.Mail.Query().Where(entmail.SentAtIsNil(), entmail.FailedAtIsNil()).
		Order(ent.Asc(entmail.FieldNextAttemptAt, entmail.FieldID))
}

// claimDue takes the mail that is due the longest, if there is one, so that no
// other server sends it. Those that others are just claiming are theirs.
func (o outbox) claimDue(ctx context.Context) ([]*ent.Mail, error) {
	due := entmail.NextAttemptAtLTE(time.Now())
	some, err := waiting(o.db.Read(ctx)).Where(due).Exist(ctx)
	if err != nil || !some {
		return nil, wrap(err)
	}
	return store.Do(ctx, o.db, func(tx *store.Tx) ([]*ent.Mail, error) {
		mails, err := store.LockFree(tx, waiting(tx.Client()).Where(due).Limit(1)).All(ctx)
		if err != nil {
			return nil, wrap(err)
		}
		for _, m := range mails {
			if err := tx.Mail.UpdateOne(m).SetNextAttemptAt(time.Now().Add(claim)).Exec(ctx); err != nil {
				return nil, wrap(err)
			}
		}
		return mails, nil
	})
}

// keep says again and again that a mail is claimed, until the function that it
// returns is called.
func (o outbox) keep(ctx context.Context, m *ent.Mail) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(claim / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			_, err := store.Do(ctx, o.db, func(tx *store.Tx) (int, error) {
				return tx.Mail.Update().Where(entmail.ID(m.ID)).SetNextAttemptAt(time.Now().Add(claim)).Save(ctx)
			})
			if err != nil && ctx.Err() == nil {
				o.log.WarnContext(ctx, "a mail that is on its way may be sent twice", "mail", m.ID, "error", err)
			}
		}
	})
	return func() { cancel(); ended.Wait() }
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("look for mails: %w", err)
}

// try sends a mail and notes how that went. What was begun before ctx ends is
// brought to its end: a mail that has gone must be known to have gone.
func (o outbox) try(ctx context.Context, m *ent.Mail) error {
	going, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-time.After(lastWord):
			cancel()
		case <-going.Done():
		}
	})()
	stop := o.keep(going, m)
	failure := o.sender.Send(going, Message{
		To: reachable(m.Recipient), Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		ID: m.ID + "@" + o.domain, Date: m.CreatedAt,
	})
	stop()
	if going.Err() != nil {
		return going.Err() // cut short: it is tried again within half a minute
	}
	return o.note(going, m, failure)
}

// note writes down how a try went. The content of a mail that will not be
// tried again is emptied: it may carry a code.
func (o outbox) note(ctx context.Context, m *ent.Mail, failure error) error {
	_, err := store.Do(ctx, o.db, func(tx *store.Tx) (*ent.Mail, error) {
		now := time.Now()
		update := tx.Mail.UpdateOne(m).AddAttempts(1)
		over := true
		switch {
		case failure == nil:
			update.SetSentAt(now).ClearLastError()
		case errors.Is(failure, ErrPermanent), now.Sub(m.CreatedAt) >= giveUp:
			update.SetFailedAt(now).SetLastError(failure.Error())
		default:
			over = false
			update.SetLastError(failure.Error()).SetNextAttemptAt(now.Add(pauseAfter(m.Attempts+1, rand.Float64())))
		}
		if over {
			update.SetText("").SetHTML("")
		}
		return update.Save(ctx)
	})
	if err != nil {
		return fmt.Errorf("note that a mail was tried: %w", err)
	}
	if failure != nil {
		o.log.WarnContext(ctx, "mail not sent", "mail", m.ID, "attempt", m.Attempts+1,
			"for_good", errors.Is(failure, ErrPermanent), "error", failure)
	}
	return nil
}

// pauseAfter is how long to wait after so many failures. chance, in [0,1),
// shortens it by up to a half, so that mails which failed together do not all
// come back at the same moment.
func pauseAfter(attempts int, chance float64) time.Duration {
	pause := longPause
	if doublings := attempts - 1; doublings < 12 {
		pause = min(firstPause<<doublings, longPause)
	}
	return pause - time.Duration(chance*float64(pause/2))
}

// idDomain is what stands behind the @ of the Message-IDs.
func idDomain(publicURL string) string {
	const fallback = "partner-hub.localhost"
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" || strings.Contains(u.Hostname(), ":") {
		return fallback // the brackets of an IPv6 address are not for an id
	}
	ascii, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return fallback
	}
	return ascii
}

// reachable writes the domain of an address in ASCII, as every mail server
// takes it.
func reachable(address string) string {
	at := strings.LastIndexByte(address, '@')
	ascii, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + ascii
}

// keepSent is how long it can be looked up that a mail went out.
const keepSent = 30 * 24 * time.Hour

// Sweep forgets the mails that were sent or given up long ago, and says how
// many.
func Sweep(ctx context.Context, db *store.DB) (int, error) {
	ctx = viewer.System(ctx)
	return store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		old := time.Now().Add(-keepSent)
		return tx.Mail.Delete().Where(entmail.Or(entmail.SentAtLTE(old), entmail.FailedAtLTE(old))).Exec(ctx)
	})
}
