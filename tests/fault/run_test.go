package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/internal/store"
	"partnerhub/internal/verify"
	"partnerhub/internal/viewer"
	"partnerhub/tests/world"
)

// far is how far a run of a month is.
type far struct {
	prepared int // lines that are not booked yet
	booked   int // fees of the month
	left     int // resellers without the month
}

// farIn reads how far the run of a month is.
func farIn(t *testing.T, db *store.DB, month string) (f far) {
	t.Helper()
	rows, err := db.Read(t.Context()).QueryContext(viewer.System(t.Context()), `SELECT
		(SELECT count(*) FROM charge_lines c JOIN ledgers l ON l.reseller_id = c.reseller_id WHERE c.month = ?1 AND l.charged_through < ?1),
		(SELECT count(*) FROM transactions WHERE month = ?1), (SELECT count(*) FROM ledgers WHERE charged_through < ?1)`, month)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&f.prepared, &f.booked, &f.left); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return f
}

// The monthly run is killed at its beginning, when lines are prepared that are
// not booked, when some resellers are charged, and anywhere; each time the
// database is sound, and the next server goes on. In the end there is no line
// too many and none too few: what is booked is what was forecast. (A2)
func TestRun_killed(t *testing.T) {
	url := ""
	w := world.New(t, world.AtOnePlace(t), func(c *server.Config) { url = c.DatabaseURL })
	binary := build(t)
	w.Package("AJAX_SIM")
	for i, accounts := range []int{100, 6000, 100} { // the lines of the second come in two chunks
		reseller, dealer := w.Reseller(fmt.Sprint("Station ", i)), w.Dealer(fmt.Sprint("Dealer ", i))
		dealer.Connects(reseller)
		h := dealer.Hub("Villa")
		w.OK(dealer.Activates(h))
		multiply(t, url, h.ID, accounts)
		for range 2 {
			h := dealer.Hub("Shop")
			w.OK(dealer.Activates(h))
			w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": h.ID}, `service { id }`))
		}
	}
	p := w.Process(binary)
	cut := 0 // runs that were killed before they were done
	for _, m := range []struct{ month, end string }{{"2026-01", "2026-02-01T00:00:00Z"}, {"2026-02", "2026-03-01T00:00:00Z"}} {
		w.BooksForecasts(func() {
			for _, moment := range []func(far, time.Duration) bool{
				func(f far, _ time.Duration) bool { return f.prepared > 0 },
				func(f far, _ time.Duration) bool { return f.booked > 0 && f.left > 0 },
				anywhere(),
			} {
				if f := kill(t, w, p, url, m.month, m.end, moment); f.left > 0 {
					cut++
					t.Logf("%s: killed with %+v", m.month, f)
				}
				p.Start()
			}
			w.OK(w.Operator().Mutate("billingRun", world.Vars{"month": m.month}, `transactionCount`))
		})
	}
	if cut == 0 {
		t.Error("no run was killed before it was done")
	}
}

// anywhere is a moment by chance.
func anywhere() func(far, time.Duration) bool {
	after := time.Duration(rand.Int64N(int64(100 * time.Millisecond)))
	return func(_ far, since time.Duration) bool { return since > after }
}

// kill has the month turn, kills the server at a moment, or when the run is
// done, and returns how far it was.
func kill(t *testing.T, w *world.World, p *world.Process, url, month, end string, moment func(far, time.Duration) bool) far {
	t.Helper()
	db, err := store.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	operator, cut := w.Operator().Client, make(chan struct{})
	go func() {
		defer close(cut)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// Where the clock stands at the end of the month already, a run by hand
		// comes beside the one that the server began by itself.
		_ = operator.Do(ctx, `mutation($to: DateTime!) { clockAdvance(input: {to: $to}) { userErrors { code } } }`, world.Vars{"to": end}, nil)
		_ = operator.Do(ctx, `mutation($m: Month!) { billingRun(input: {month: $m}) { userErrors { code } } }`, world.Vars{"m": month}, nil)
	}()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if f := farIn(t, db, month); f.left == 0 || moment(f, time.Since(began)) {
			break
		}
	}
	p.Kill()
	<-cut
	report, err := verify.Database(context.Background(), url, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range report.Broken() {
		t.Error(line)
	}
	return farIn(t, db, month)
}
