package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
	"partnerhub/internal/live"
	"partnerhub/internal/store"
)

// Whatever a text is, as an id it finds the thing that has it or nothing, and
// keeps nothing else from being found.
func FuzzNode(f *testing.F) {
	ctx, db := shelf(f)
	known := links(ctx, f, db)[0]
	link := db.Read(ctx).Connection.Query().FirstIDX(ctx)
	r := &Resolver{DB: db, Info: Info{MaxNodes: 100}}
	for _, prefix := range []string{"usr", "ses", "co", "emp", "con", "obj", "hub", "sim", "pkg", "svc", "evt", "txn", "fee", "led", "dac", "act", "xyz", ""} {
		f.Add(prefix)
		f.Add(prefix + "_0ch5")
	}
	for _, id := range []string{
		known, link, strings.ToUpper(known), known + " ", "co_%", "co_" + known, "dac_" + link, strings.Replace(link, "con", "dac", 1),
		"fee_" + known + ".2026-01.00A1.pkg_1", "fee_" + known + ".2026-13.00A1.pkg_1", "hub_' OR 1=1 --",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
			return // refused before it comes so far
		}
		found, err := r.nodesByID(ctx, []string{id, known})
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		for key, node := range found {
			if key != id && key != known || node == nil {
				t.Fatalf("%q finds %q: %v", id, key, node)
			}
		}
		if found[known] == nil {
			t.Fatalf("%q hides another id", id)
		}
	})
}

// kindOf is the kind of the key in a place; -1 where there is none.
func kindOf(p *place) keyKind {
	switch {
	case p.Time != nil:
		return byTime
	case p.Number != nil:
		return byNumber
	case p.Text != "":
		return byText
	}
	return -1
}

// reader is a list that is read by cursors.
type reader struct {
	order string
	kinds []keyKind // of the keys that its places have; -1 for none
	place func(*string) (*place, error)
	page  func(context.Context, slice) error
}

// readersOf are lists of every order and kind of key there is.
func readersOf(db *store.DB, dealers []string) []reader {
	byPartner := byRequest
	byPartner.order = yourResellers.order(&model.DealerLinkOrder{Field: model.DealerLinkOrderFieldPartnerName, Direction: model.OrderDirectionAsc})
	ends := companyServices(service.FieldDealerID, &model.HubServiceOrder{Field: model.HubServiceOrderFieldEndsAt})
	byPerson := staff(&model.EmployeeOrder{Field: model.EmployeeOrderFieldName, Direction: model.OrderDirectionDesc})
	return []reader{
		{"requested", []keyKind{byTime}, byRequest.place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Connection.Query(), byRequest, dealers, s)
			return err
		}},
		{"ends", []keyKind{byTime}, ends.place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Service.Query(), ends, dealers, s)
			return err
		}},
		{"number", []keyKind{byNumber}, history(nil).place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Transaction.Query(), history(nil), dealers, s)
			return err
		}},
		{byPartner.order.name, []keyKind{byText, -1}, byPartner.place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Connection.Query().Where(connection.ResellerIDNotNil()), byPartner, dealers[:1], s)
			return err
		}},
		{"name", []keyKind{byText, -1}, byPerson.place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Employee.Query(), byPerson, dealers, s)
			return err
		}},
		{"created", []keyKind{-1}, companyObjects(nil).place, func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Object.Query(), companyObjects(nil), dealers, s)
			return err
		}},
	}
}

// A list takes a cursor for the place that it was made of, in its own order,
// or refuses it; what it takes, the database compares without complaint.
func FuzzPlace(f *testing.F) {
	ctx, db := shelf(f)
	readers := readersOf(db, links(ctx, f, db))
	at, number := time.Date(2026, 1, 15, 12, 0, 0, 1000, time.UTC), int64(-7)
	for _, r := range readers {
		for _, p := range []place{{ID: "con_1"}, {Text: "ł", ID: "con_1"}, {Number: &number, ID: "txn_1"}, {Time: &at, ID: "con_1"}, {Text: "\x00", ID: "a"}, {}} {
			p.Order = r.order
			text, _ := base64.RawURLEncoding.DecodeString(p.encode())
			f.Add(p.encode())
			f.Add(string(text))
		}
	}
	f.Add(`{"o":"requested","t":"2026-01-15T12:00:00+01:00","i":"con_1"}`)
	f.Add(`{"o":"requested","t":"2026-01-15T12:00:00.123456789Z","i":"con_1"}`)
	f.Add(`{"o":"requested","t":"0000-01-01T00:00:00Z","i":"con_1"}`)
	f.Add(`{"o":"number","n":9223372036854775807,"i":"txn_1"}`)
	f.Add(`{"o":"number","n":1e3,"i":"txn_1"}`)
	f.Add(live.Cursor{Position: 300, Unfinished: "hub_0"}.String())
	f.Fuzz(func(t *testing.T, text string) {
		for _, cursor := range []string{text, base64.RawURLEncoding.EncodeToString([]byte(text))} {
			for _, r := range readers {
				p, err := r.place(&cursor)
				if err != nil {
					if p != nil || !errors.Is(err, errBadCursor) {
						t.Fatalf("%s is refused with %v, and is %+v", cursor, err, p)
					}
					continue
				}
				if p.Order != r.order || !slices.Contains(r.kinds, kindOf(p)) || p.encode() != cursor {
					t.Fatalf("%q is %+v to the order %s", text, p, r.order)
				}
				if p.Time != nil && *p.Time != p.Time.UTC().Truncate(time.Microsecond) {
					t.Fatalf("%q is of the instant %v, which no row has", text, p.Time)
				}
				if _, err := live.ParseCursor(cursor); err == nil {
					t.Fatalf("%q is a place in a stream as well", text)
				}
				for _, s := range []slice{{after: &cursor}, {last: new(1), before: &cursor}} {
					if err := r.page(ctx, s); err != nil {
						t.Fatalf("%q: %v", text, err)
					}
				}
			}
		}
	})
}

// A cursor comes back as the place that it was made of, to the lists that have
// such places, and is refused by all others.
func FuzzPlace_comesBack(f *testing.F) {
	readers := readersOf(nil, nil)
	f.Add("ł", "con_1", int64(7), int64(1767614400000001))
	f.Add("<&>\u2028", "i\x00", int64(math.MinInt64), int64(math.MaxInt64))
	f.Add("", "", int64(0), int64(-62135596800000001))
	f.Fuzz(func(t *testing.T, text, id string, number, micro int64) {
		at := time.UnixMicro(micro).UTC()
		for _, r := range readers {
			for kind, p := range map[keyKind]place{-1: {}, byText: {Text: text}, byNumber: {Number: &number}, byTime: {Time: &at}} {
				p.Order, p.ID = r.order, id
				cursor := p.encode()
				back, err := r.place(&cursor)
				isText := utf8.ValidString(p.Text) && utf8.ValidString(id)
				isOne := slices.Contains(r.kinds, kindOf(&p)) && id != "" && isText && !strings.Contains(p.Text+id, "\x00") &&
					(kind != byTime || at.Year() >= 0 && at.Year() <= 9999)
				switch {
				case isOne && (err != nil || !reflect.DeepEqual(*back, p)):
					t.Fatalf("%+v comes back as %+v, %v", p, back, err)
				case !isOne && err == nil && isText:
					t.Fatalf("%+v is taken by the order %s", p, r.order)
				}
			}
		}
	})
}
