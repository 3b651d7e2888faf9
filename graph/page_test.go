package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
	"partnerhub/internal/report"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// asSystem is the context of an answer in which the system reads.
func asSystem() context.Context {
	return viewer.System(Loading(context.Background(), PageSizes{Default: 20, Max: 100}))
}

// shelf opens an empty database and reads it as the system.
func shelf(t testing.TB) (context.Context, *store.DB) {
	t.Helper()
	ctx := asSystem()
	db, err := store.Open(ctx, store.Options{URL: database.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return ctx, db
}

func fill(ctx context.Context, t testing.TB, db *store.DB, write func(tx *store.Tx) error) {
	t.Helper()
	_, err := store.Do(ctx, db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, write(tx) })
	if err != nil {
		t.Fatal(err)
	}
}

func names(p []*ent.Connection) []string {
	var list []string
	for _, c := range p {
		list = append(list, *c.DealerNumber)
	}
	return list
}

// Two dealers with connections of two kinds each, in turn.
func links(ctx context.Context, t testing.TB, db *store.DB) (dealers []string) {
	fill(ctx, t, db, func(tx *store.Tx) error {
		for _, name := range []string{"A", "B"} {
			c := tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("x@y.z").SetCreatedAt(tx.Now).SaveX(ctx)
			dealers = append(dealers, c.ID)
		}
		for i := range 10 {
			reseller := tx.Company.Create().SetName("R").SetNameKey(fmt.Sprint("r", 9-i)).SetCountry("PL").SetContactEmail("x@y.z").SetCreatedAt(tx.Now).SaveX(ctx)
			for d, id := range dealers {
				status := []connection.Status{connection.StatusREJECTED, connection.StatusACTIVE}[i%2]
				tx.Connection.Create().SetDealerID(id).SetResellerID(reseller.ID).SetStatus(status).
					SetDealerNumber(fmt.Sprint([]string{"A", "B"}[d], i)).
					SetVersion(int64(i + 1)).SetRequestedAt(tx.Now.Add(time.Duration(i) * time.Hour)).SetStatusChangedAt(tx.Now).SaveX(ctx)
			}
		}
		return nil
	})
	return dealers
}

var byRequest = list[ent.Connection]{
	owner:   connection.FieldDealerID,
	ownerOf: func(c *ent.Connection) string { return c.DealerID },
	idOf:    func(c *ent.Connection) string { return c.ID },
	order: order[ent.Connection]{
		name: "requested", column: connection.FieldRequestedAt, kind: byTime, desc: true,
		value: func(c *ent.Connection) any { return c.RequestedAt },
	},
}

// The first of each owner are the first of those that the query keeps.
func TestPages_Kept(t *testing.T) {
	ctx, db := shelf(t)
	dealers := links(ctx, t, db)
	first := 2
	q := db.Read(ctx).Connection.Query().Where(connection.StatusEQ(connection.StatusREJECTED))
	got, err := pages(ctx, q, byRequest, dealers, slice{first: &first})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"A8", "A6"}, {"B8", "B6"}} {
		p := got[dealers[i]]
		n, err := p.TotalCount(ctx)
		if err != nil || n != 5 || !p.PageInfo.HasNextPage || !slices.Equal(names(p.Nodes()), want) {
			t.Errorf("%v, of %d, more: %v, %v; want %v of 5", names(p.Nodes()), n, p.PageInfo.HasNextPage, err, want)
		}
	}
}

// Pages of several lists read the rows of the pages, and not the others of the
// lists: those come from an index that has them in the list's order. (R63)
func TestPages_readNoMore(t *testing.T) {
	var said []string
	ctx := viewer.System(Loading(t.Context(), PageSizes{Default: 20, Max: 100}))
	db, err := store.Open(ctx, store.Options{
		URL:         database.SQLite(t),
		OnStatement: func(_ context.Context, query string) { said = append(said, query) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := db.Read(ctx).Service.Query().Where(report.Accounts)
	if _, err := pages(ctx, q, companyServices(service.FieldConnectionID, nil), []string{"con_1", "con_2"}, slice{}); err != nil {
		t.Fatal(err)
	}
	query := said[len(said)-1]
	rows, err := db.Read(ctx).QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	steps := strings.Join(plan, "\n")
	for _, want := range []string{
		"SEARCH services USING INDEX service_dealer_account (connection_id=?)", // in each list: its ids, in order
		"SEARCH services USING INDEX sqlite_autoindex_services_1 (id=?)",       // their rows
	} {
		if !strings.Contains(steps, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(steps, "SCAN services") || strings.Count(steps, "B-TREE") != 1 { // one sorts the pages
		t.Error("rows beside the pages are read")
	}
	if t.Failed() {
		t.Logf("%s\n%s", query, steps)
	}
}

// Walking a list by pages, forwards or backwards, meets every row once and in
// order, whether one owner's list is read or several at once, and by a key of
// the row itself, of a neighbour, or by none.
func TestPages_Walk(t *testing.T) {
	ctx, db := shelf(t)
	dealers := links(ctx, t, db)
	orders := map[string]order[ent.Connection]{
		"by time":      byRequest.order,
		"by insertion": {name: "id"},
		"by number": {name: "version", column: connection.FieldVersion, kind: byNumber, desc: true,
			value: func(c *ent.Connection) any { return c.Version }},
		"by the neighbour's name": {name: "partner", column: "partner_key",
			expr: func(s *sql.Selector) string {
				return "(SELECT name_key FROM companies WHERE companies.id = " + s.C("reseller_id") + ")"
			},
			value: func(c *ent.Connection) any { return key(t, c) }},
	}
	want := map[string][]string{
		"by time":                 {"A9", "A8", "A7", "A6", "A5", "A4", "A3", "A2", "A1", "A0"},
		"by insertion":            {"A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9"},
		"by number":               {"A9", "A8", "A7", "A6", "A5", "A4", "A3", "A2", "A1", "A0"},
		"by the neighbour's name": {"A9", "A8", "A7", "A6", "A5", "A4", "A3", "A2", "A1", "A0"},
	}
	for name, o := range orders {
		for _, owners := range [][]string{dealers[:1], dealers} {
			l := byRequest
			l.order = o
			t.Run(fmt.Sprint(name, " of ", len(owners)), func(t *testing.T) {
				read := func(s slice) *model.Page[*ent.Connection] {
					got, err := pages(ctx, db.Read(ctx).Connection.Query(), l, owners, s)
					if err != nil {
						t.Fatal(err)
					}
					return got[dealers[0]]
				}
				if got := walk(read, true); !slices.Equal(got, want[name]) {
					t.Errorf("forwards %v, want %v", got, want[name])
				}
				if got := walk(read, false); !slices.Equal(got, want[name]) {
					t.Errorf("backwards %v, want %v", got, want[name])
				}
			})
		}
	}
}

func walk(read func(slice) *model.Page[*ent.Connection], forwards bool) (met []string) {
	three := 3
	s := slice{first: &three}
	if !forwards {
		s = slice{last: &three}
	}
	for range 10 {
		p := read(s)
		if forwards {
			met = append(met, names(p.Nodes())...)
			s.after = p.PageInfo.EndCursor
			if !p.PageInfo.HasNextPage {
				break
			}
		} else {
			met = append(names(p.Nodes()), met...)
			s.before = p.PageInfo.StartCursor
			if !p.PageInfo.HasPreviousPage {
				break
			}
		}
	}
	return met
}

func key(t *testing.T, c *ent.Connection) string {
	v, err := c.Value("partner_key")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v)
}

// A cursor of one order is none of another.
func TestPages_ForeignCursor(t *testing.T) {
	ctx, db := shelf(t)
	dealers := links(ctx, t, db)
	got, err := pages(ctx, db.Read(ctx).Connection.Query(), byRequest, dealers, slice{})
	if err != nil {
		t.Fatal(err)
	}
	other := byRequest
	other.order = order[ent.Connection]{name: "id"}
	broken := "bm8"
	for _, cursor := range []*string{got[dealers[0]].PageInfo.EndCursor, &broken} {
		if _, err := pages(ctx, db.Read(ctx).Connection.Query(), other, dealers, slice{after: cursor}); !errors.Is(err, errBadCursor) {
			t.Errorf("%s: %v", *cursor, err)
		}
	}
}
