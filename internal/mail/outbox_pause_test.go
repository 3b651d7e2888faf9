package mail

import (
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func TestPauseAfter(t *testing.T) {
	for attempts, want := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 12: 2048 * time.Second, 13: time.Hour, 1000: time.Hour,
	} {
		if got := pauseAfter(attempts, 0); got != want {
			t.Errorf("after %d failures: %v, want %v", attempts, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		attempts, chance := rapid.IntRange(1, 10_000).Draw(t, "attempts"), rapid.Float64Range(0, 0.999).Draw(t, "chance")
		longest := pauseAfter(attempts, 0)
		if got := pauseAfter(attempts, chance); got < longest/2 || got > longest || longest > longPause {
			t.Fatalf("%v of %v", got, longest)
		}
	})
}

func TestIDDomain(t *testing.T) {
	for in, want := range map[string]string{
		"https://hub.example:8443/x": "hub.example", "http://127.0.0.1:8080": "127.0.0.1", "https://żółw.pl": "xn--w-uga1v8h.pl",
		"http://[::1]:8080": "partner-hub.localhost", "": "partner-hub.localhost", "%": "partner-hub.localhost",
	} {
		if got := idDomain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if err := (Message{From: "a@b.c", To: "a@b.c", ID: "mail_1@" + idDomain(in)}).check(); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestSweep(t *testing.T) {
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	ctx := viewer.System(t.Context())
	_, err := store.Do(ctx, o.db, func(tx *store.Tx) (int, error) {
		for _, age := range []time.Duration{keepSent - time.Hour, keepSent + time.Hour} {
			at := time.Now().Add(-age)
			row := func() *ent.MailCreate {
				return tx.Mail.Create().SetRecipient("a@b.pl").SetSubject("s").SetText("").SetHTML("").SetCreatedAt(at).SetNextAttemptAt(at)
			}
			row().SaveX(ctx)
			row().SetSentAt(at).SaveX(ctx)
			row().SetFailedAt(at).SaveX(ctx)
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := Sweep(ctx, o.db); n != 2 || err != nil || len(o.mails()) != 4 {
		t.Errorf("%d forgotten, %v, %d left", n, err, len(o.mails()))
	}
}
