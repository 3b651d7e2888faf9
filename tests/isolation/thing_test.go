package isolation_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/ledger"
)

// thing is what has an id: whose it is, so that one can tell who may see it.
type thing struct {
	kind   string // type of the schema
	id     string
	of     []string // companies whose it is
	with   []string // companies on its other side: who bills a hub now, who a dealer is connected to
	once   []string // companies that were on the other side, and those whose history names a person
	person string   // whose it is by oneself: a person's own record
	isOpen bool     // offered to everybody who works for a company: resellers, packages
	isGone bool     // deleted
}

// sight is what the database holds: all things by their ids, and whose every
// value is.
type sight struct {
	things     map[string]*thing
	marks      marks
	currencies map[string]string // of the resellers
}

// kinds are the types of the schema by the prefixes of their ids.
var kinds = map[string]string{
	"co": "Company", "usr": "User", "emp": "Employee", "con": "DealerLink", "obj": "SecurityObject", "hub": "Hub",
	"sim": "SimCard", "pkg": "ServicePackage", "svc": "HubService", "evt": "ServiceEvent", "act": "Activity",
	"txn": "Transaction", "fee": "ChargeLine", "led": "ResellerOverview", "dac": "DealerActivity", "ses": "Session",
}

// row is a row of a table by column: string, int64, time.Time, bool or nil.
type row map[string]any

func (r row) text(column string) string { return text(r[column]) }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// read returns the rows of a table.
func read(ctx context.Context, db *sql.DB, table string) ([]row, error) {
	found, err := db.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return nil, err
	}
	var rows []row
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		r := row{}
		for i, c := range columns {
			r[c] = values[i]
		}
		rows = append(rows, r)
	}
	return rows, found.Err()
}

// tables are those whose rows say whose things are.
var tables = []string{
	"companies", "users", "employees", "connections", "objects", "hubs", "sim_cards", "service_packages", "package_prices",
	"services", "service_events", "activities", "ledgers", "transactions", "charge_lines", "sessions", "mail_codes", "idempotency_keys",
}

// look reads the database and says whose everything in it is.
func look(ctx context.Context, db *sql.DB) (*sight, error) {
	data := map[string][]row{}
	for _, t := range tables {
		rows, err := read(ctx, db, t)
		if err != nil {
			return nil, err
		}
		data[t] = rows
	}
	s := &sight{things: map[string]*thing{}, currencies: map[string]string{}}
	for _, name := range tables {
		for _, r := range data[name] {
			s.add(name, r)
		}
	}
	s.relate(data)
	s.mark(data)
	return s, nil
}

// add makes the thing of a row.
func (s *sight) add(table string, r row) {
	t := &thing{id: r.text("id")}
	for column, goes := range map[string]bool{"deleted_at": true, "removed_at": true} {
		t.isGone = t.isGone || goes && r[column] != nil
	}
	owner := func(column string) { t.of = append(t.of, r.text(column)) }
	switch table {
	case "companies":
		owner("id")
		t.isOpen = r["reseller_since"] != nil
		s.currencies[t.id] = r.text("currency")
	case "users":
		t.person = t.id
	case "employees":
		owner("company_id")
		t.person = r.text("user_id")
	case "sessions":
		t.person = r.text("user_id")
	case "connections":
		owner("dealer_id")
		if r["reseller_id"] != nil {
			t.with = append(t.with, r.text("reseller_id"))
		}
		a := &thing{kind: "DealerActivity", id: "dac_" + strings.TrimPrefix(t.id, "con_"), of: t.with, with: t.of, isGone: t.isGone}
		if status := r.text("status"); len(t.with) > 0 && (status == "ACTIVE" || status == "SUSPENDED") {
			s.things[a.id] = a
		}
	case "objects", "hubs", "activities":
		owner("company_id")
	case "services":
		owner("dealer_id")
		t.with = append(t.with, r.text("reseller_id"))
	case "ledgers", "transactions":
		owner("reseller_id")
	case "charge_lines":
		month, err := calendar.ParseMonth(r.text("month"))
		if err != nil {
			panic(err)
		}
		t.id = ledger.ChargeLineID(ledger.FeeKey{Month: month, Key: fee.Key{
			ResellerID: r.text("reseller_id"), SerialNumber: r.text("serial_number"), PackageID: r.text("package_id"),
		}})
		owner("reseller_id")
	case "service_packages":
		t.isOpen = true
	case "package_prices", "mail_codes", "idempotency_keys", "sim_cards", "service_events":
		// theirs through what they belong to: see relate
	}
	prefix, _, _ := strings.Cut(t.id, "_")
	if t.kind = kinds[prefix]; t.kind != "" {
		s.things[t.id] = t
	}
}

// relate says who else is concerned by a thing.
func (s *sight) relate(data map[string][]row) {
	for _, r := range data["sim_cards"] {
		s.things[r.text("id")].of = s.things[r.text("hub_id")].of
	}
	for _, r := range data["services"] {
		h := s.things[r.text("hub_id")]
		object := s.objectOf(data, h.id)
		if r.text("status") == "ENDED" || h.isGone {
			h.once, object.once = append(h.once, r.text("reseller_id")), append(object.once, r.text("reseller_id"))
		} else {
			h.with, object.with = append(h.with, r.text("reseller_id")), append(object.with, r.text("reseller_id"))
		}
		dealer := s.things[r.text("dealer_id")]
		dealer.once = append(dealer.once, r.text("reseller_id"))
	}
	for _, r := range data["service_events"] {
		service, e := s.things[r.text("service_id")], s.things[r.text("id")]
		e.of, e.with = service.of, service.with
		s.named(r, slices.Concat(service.of, service.with)...)
	}
	for _, r := range data["connections"] {
		if r["deleted_at"] == nil && r["reseller_id"] != nil {
			dealer := s.things[r.text("dealer_id")]
			dealer.with = append(dealer.with, r.text("reseller_id"))
		}
	}
	for _, r := range data["employees"] {
		e, u := s.things[r.text("id")], s.things[r.text("user_id")]
		e.isGone = s.things[r.text("company_id")].isGone
		u.of = append(u.of, r.text("company_id"))
	}
	for _, r := range data["activities"] {
		s.named(r, r.text("company_id"))
	}
	for _, r := range data["companies"] {
		if r["reseller_since"] == nil {
			continue
		}
		for _, p := range data["service_packages"] {
			pkg := s.things[p.text("id")]
			pkg.of = append(pkg.of, r.text("id"))
		}
	}
}

// named notes that histories of the companies name the actor of a row.
func (s *sight) named(r row, companies ...string) {
	if u := s.things[r.text("actor_id")]; u != nil {
		u.once = append(u.once, companies...)
	}
}

// merge adds who stood to things before, and the marks of before: for what was
// said while things changed.
func (s *sight) merge(before *sight) {
	for id, old := range before.things {
		t := s.things[id]
		if t == nil {
			s.things[id] = old
			continue
		}
		t.of, t.with, t.once = union(t.of, old.of), union(t.with, old.with), union(t.once, old.once)
		t.isOpen = t.isOpen || old.isOpen
	}
	for mark, sources := range before.marks {
		for _, from := range sources {
			s.marks.add(mark, from)
		}
	}
}

func union(a, b []string) []string {
	for _, id := range b {
		if !slices.Contains(a, id) {
			a = append(a, id)
		}
	}
	return a
}

func (s *sight) objectOf(data map[string][]row, hubID string) *thing {
	for _, r := range data["hubs"] {
		if r.text("id") == hubID {
			return s.things[r.text("object_id")]
		}
	}
	panic("no object of " + hubID)
}

// find returns the thing with an id, nil where there is none. The fees that
// are still to be booked are in no table: their ids say whose they are.
func (s *sight) find(id string) *thing {
	if t := s.things[id]; t != nil {
		return t
	}
	k, ok := ledger.ParseChargeLineID(id)
	if !ok || s.things[k.ResellerID] == nil {
		return nil
	}
	t := &thing{kind: "ChargeLine", id: id, of: []string{k.ResellerID}}
	s.things[id] = t
	return t
}

// of returns the things of some kinds, gone ones included, in order.
func (s *sight) list(keep func(*thing) bool) []*thing {
	var found []*thing
	for _, t := range s.things {
		if keep(t) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *thing) int { return strings.Compare(a.id, b.id) })
	return found
}
