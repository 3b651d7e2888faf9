package sim_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/internal/live"
	"partnerhub/internal/sim"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// network is a provider that remembers what it was asked, and may be out of
// order.
type network struct {
	asked []string
	down  bool
	then  func() // runs while it is asked
}

func (n *network) Switch(_ context.Context, iccid string, active bool) error {
	if n.then != nil {
		n.then()
	}
	if n.down {
		return errors.New("out of order")
	}
	n.asked = append(n.asked, map[bool]string{true: "on ", false: "off "}[active]+iccid)
	return nil
}

func (n *network) was(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(n.asked, want) {
		t.Fatalf("the provider was asked %q, want %q", n.asked, want)
	}
}

const iccid = "8948010000000000001"

func TestSync_switchesWhatWasCommitted(t *testing.T) {
	ctx, db, card := present(t)
	n := &network{}
	intend(ctx, t, db, card, true)
	if got := read(ctx, t, db, card); !got.IsActive {
		t.Fatal("the intended state is not the card's")
	}
	sync(ctx, t, db, n, 1)
	sync(ctx, t, db, n, 0)
	n.was(t, "on "+iccid)

	intend(ctx, t, db, card, true) // as it is already
	sync(ctx, t, db, n, 0)
	intend(ctx, t, db, card, false)
	sync(ctx, t, db, n, 1)
	n.was(t, "on "+iccid, "off "+iccid)
}

func TestSync_triesAgainUntilItIsDone(t *testing.T) {
	ctx, db, card := present(t)
	n := &network{down: true}
	intend(ctx, t, db, card, true)
	sync(ctx, t, db, n, 0)
	row := db.Read(ctx).SIMSwitch.GetX(ctx, iccid)
	if row.Attempts != 1 || row.LastError == nil || !row.NextAttemptAt.After(time.Now()) {
		t.Fatalf("after a failure: %+v", row)
	}
	n.down = false
	sync(ctx, t, db, n, 0) // not due yet
	soon(ctx, t, db)
	sync(ctx, t, db, n, 1)
	n.was(t, "on "+iccid)
}

func TestSync_followsAnIntentionThatChangedMeanwhile(t *testing.T) {
	ctx, db, card := present(t)
	n := &network{}
	n.then = func() {
		n.then = nil
		intend(ctx, t, db, read(ctx, t, db, card), false)
	}
	intend(ctx, t, db, card, true)
	sync(ctx, t, db, n, 2)
	n.was(t, "on "+iccid, "off "+iccid)
	if left := db.Read(ctx).SIMSwitch.Query().CountX(ctx); left != 0 {
		t.Fatalf("%d switches are left", left)
	}
}

// A card that was taken out is switched off even when the provider failed at
// first: nobody pays for a lost card.
func TestSync_outlivesTheCard(t *testing.T) {
	ctx, db, card := present(t)
	n := &network{down: true}
	intend(ctx, t, db, card, true)
	intend(ctx, t, db, read(ctx, t, db, card), false)
	do(ctx, t, db, func(tx *store.Tx) error { return tx.SIMCard.DeleteOneID(card.ID).Exec(ctx) })
	sync(ctx, t, db, n, 0)
	n.down = false
	soon(ctx, t, db)
	sync(ctx, t, db, n, 1)
	n.was(t, "off "+iccid)
}

func TestIntend_signalsItsJob(t *testing.T) {
	ctx, db, card := present(t)
	var heard []string
	db.OnCommit(func(topics []string) { heard = append(heard, topics...) })
	intend(ctx, t, db, card, true)
	if !slices.Contains(heard, sim.Topic) {
		t.Fatalf("heard %q", heard)
	}
}

// A running job switches at once what a command intends.
func TestRun_isWoken(t *testing.T) {
	ctx, db, card := present(t)
	broker := live.NewBroker()
	db.OnCommit(broker.Wake)
	wake, forget := broker.Watch(sim.Topic)
	defer forget()
	asked := make(chan struct{}, 1)
	n := &network{then: func() { asked <- struct{}{} }}
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		sim.Run(running, db, n, wake, slog.New(slog.DiscardHandler))
		close(ended)
	}()
	intend(ctx, t, db, card, true)
	<-asked
	stop()
	<-ended
	n.was(t, "on "+iccid)
}

func present(t *testing.T) (context.Context, *store.DB, *ent.SIMCard) {
	t.Helper()
	ctx := viewer.System(t.Context())
	db, err := store.Open(ctx, store.Options{URL: database.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var card *ent.SIMCard
	do(ctx, t, db, func(tx *store.Tx) error {
		c := tx.Company.Create().SetName("Night Watch").SetNameKey("night watch").SetCountry("PL").
			SetContactEmail("a@example.org").SetCreatedAt(tx.Now).SaveX(ctx)
		o := tx.Object.Create().SetCompanyID(c.ID).SetName("Villa").SetNameKey("villa").SetSearchKey("villa").SetCreatedAt(tx.Now).SaveX(ctx)
		h := tx.Hub.Create().SetCompanyID(c.ID).SetObjectID(o.ID).SetSerialNumber("0001").SetName("Hub").SetSearchKey("hub 0001").
			SetCreatedAt(tx.Now).SaveX(ctx)
		card = tx.SIMCard.Create().SetHubID(h.ID).SetIccid(iccid).SetIsAjax(true).SaveX(ctx)
		return nil
	})
	return ctx, db, card
}

func do(ctx context.Context, t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if _, err := store.Do(ctx, db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, fn(tx) }); err != nil {
		t.Fatal(err)
	}
}

func intend(ctx context.Context, t *testing.T, db *store.DB, card *ent.SIMCard, active bool) {
	t.Helper()
	do(ctx, t, db, func(tx *store.Tx) error { return sim.Intend(ctx, tx, active, read(ctx, t, db, card)) })
}

func read(ctx context.Context, t *testing.T, db *store.DB, card *ent.SIMCard) *ent.SIMCard {
	t.Helper()
	c, err := db.Read(ctx).SIMCard.Get(ctx, card.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sync(ctx context.Context, t *testing.T, db *store.DB, p sim.Provider, want int) {
	t.Helper()
	if n, err := sim.Sync(ctx, db, p, slog.New(slog.DiscardHandler)); err != nil || n != want {
		t.Fatalf("switched %d cards, want %d: %v", n, want, err)
	}
}

// soon brings the next try forward, as waiting would.
func soon(ctx context.Context, t *testing.T, db *store.DB) {
	t.Helper()
	do(ctx, t, db, func(tx *store.Tx) error { return tx.SIMSwitch.Update().SetNextAttemptAt(time.Now()).Exec(ctx) })
}
