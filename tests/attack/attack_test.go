package attack_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/attack"
	"partnerhub/tests/world"
)

// Every attack of the table is answered as the table says, the server serves
// on, and nothing of what was sent is repeated.
func TestAttacks(t *testing.T) {
	const wait = 500 * time.Millisecond
	w := world.New(t, func(c *server.Config) {
		c.RateLimit = 0 // others are to hold as well
		c.Limits.HeaderTime, c.Limits.BodyTime, c.Limits.SocketInitTime = wait, wait, wait
	})
	dealer := w.Dealer("Night Watch")
	dealer.Hub("Villa 7")
	target, err := attack.Aim(t.Context(), strings.TrimPrefix(w.URL, "http://"), dealer.Owner.Email, world.Password, wait)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for _, a := range attack.All() {
		t.Run(a.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			if err := a.Run(ctx, target); err != nil {
				t.Error(err)
			}
			if err := target.Alive(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// The table in docs/security.md has a row for each attack.
func TestAttacks_Table(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, a := range attack.All() {
		if names[a.Name] {
			t.Errorf("two attacks have the name %s", a.Name)
		}
		names[a.Name] = true
		if !strings.Contains(string(text), "| "+a.Name+" |") {
			t.Errorf("docs/security.md has no row for %s: make bench-attack writes them", a.Name)
		}
	}
	if len(names) < 60 {
		t.Errorf("%d attacks", len(names))
	}
}
