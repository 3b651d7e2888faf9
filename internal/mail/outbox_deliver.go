package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"partnerhub/ent"
	entmail "partnerhub/ent/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// How the outbox tries again.
const (
	firstPause = time.Second    // after the first failure; each next one is twice as long
	longPause  = time.Hour      // the longest
	giveUp     = 72 * time.Hour // after a mail was written
	lookAgain  = time.Minute    // without a wake-up: another server may have posted a mail
	atOnce     = 100            // mails read at a time
	lastWord   = 5 * time.Second
)

// Deliver sends the mails of the outbox until ctx ends: at once after wake,
// and those that failed again, after pauses that grow from a second to an
// hour, for three days. It runs once for a database.
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
		due, err := o.waiting(ctx).Where(entmail.NextAttemptAtLTE(time.Now())).Limit(atOnce).All(ctx)
		if err != nil {
			return 0, fmt.Errorf("look for mails: %w", err)
		}
		if len(due) == 0 {
			break
		}
		for _, m := range due {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			if err := o.try(ctx, m); err != nil {
				return 0, err
			}
		}
	}
	next, err := o.waiting(ctx).First(ctx)
	if ent.IsNotFound(err) {
		return lookAgain, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for mails: %w", err)
	}
	return max(0, min(time.Until(next.NextAttemptAt), lookAgain)), nil
}

// waiting are the mails to be sent, those that wait the longest first.
func (o outbox) waiting(ctx context.Context) *ent.MailQuery {
	return o.db.Read(ctx).Mail.Query().Where(entmail.SentAtIsNil(), entmail.FailedAtIsNil()).
		Order(ent.Asc(entmail.FieldNextAttemptAt, entmail.FieldID))
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
	failure := o.sender.Send(going, Message{
		To: reachable(m.Recipient), Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		ID: m.ID + "@" + o.domain, Date: m.CreatedAt,
	})
	if going.Err() != nil {
		return going.Err() // cut short: the next start tries again
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
