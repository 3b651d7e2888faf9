package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
)

// A cursor that no list gave out is refused, whatever it would do to the
// database: one of the right order with a key of another type, a null among its
// letters, or more than belongs there.
func TestPages_craftedCursor(t *testing.T) {
	ctx, db := shelf(t)
	dealers := links(ctx, t, db)
	byPartner := byRequest
	byPartner.order = yourResellers.order(&model.DealerLinkOrder{Field: model.DealerLinkOrderFieldPartnerName, Direction: model.OrderDirectionAsc})
	read := map[string]func(context.Context, slice) error{
		"of instants": func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Connection.Query(), byRequest, dealers, s)
			return err
		},
		"of instants that may be missing": func(ctx context.Context, s slice) error {
			l := companyServices(service.FieldDealerID, &model.HubServiceOrder{Field: model.HubServiceOrderFieldEndsAt})
			_, err := pages(ctx, db.Read(ctx).Service.Query(), l, dealers, s)
			return err
		},
		"of numbers": func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Transaction.Query(), history(nil), dealers, s)
			return err
		},
		"of a neighbour's name": func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Connection.Query().Where(connection.ResellerIDNotNil()), byPartner, dealers, s)
			return err
		},
		"by insertion": func(ctx context.Context, s slice) error {
			_, err := pages(ctx, db.Read(ctx).Object.Query(), companyObjects(nil), dealers, s)
			return err
		},
	}
	const at = `"t":"2026-01-15T12:00:00Z"`
	for name, crafted := range map[string][]string{
		"of instants": {
			`{"o":"requested","i":"con_1"}`, `{"o":"requested","s":"x","i":"con_1"}`, `{"o":"requested","n":7,"i":"con_1"}`,
			`{"o":"requested","s":"x",` + at + `,"i":"con_1"}`, `{"o":"requested",` + at + `,"i":""}`, `{"o":"requested",` + at + `,"i":"con\u0000"}`,
			`{"o":"requested",` + at + `,"i":"con_1","x":1}`, ` {"o":"requested",` + at + `,"i":"con_1"}`, `{"O":"requested",` + at + `,"i":"con_1"}`,
			`{"o":"requested","t":"2026-01-15T13:00:00+01:00","i":"con_1"}`, `{"o":"requested","t":"2026-01-15T12:00:00.0000001Z","i":"con_1"}`,
		},
		"of instants that may be missing": {`{"o":"ends","i":"svc_1"}`, `{"o":"ends","n":1,"i":"svc_1"}`},
		"of numbers":                      {`{"o":"number","i":"txn_1"}`, `{"o":"number","s":"x","i":"txn_1"}`, `{"o":"number",` + at + `,"i":"txn_1"}`},
		"of a neighbour's name":           {`{"o":"partner","n":1,"i":"con_1"}`, `{"o":"partner","s":"a\u0000","i":"con_1"}`},
		"by insertion":                    {`{"o":"created","s":"x","i":"obj_1"}`, `{"o":"created","n":1,"i":"obj_1"}`, `{"o":"created","i":"obj\u0000"}`},
	} {
		for _, text := range crafted {
			cursor := base64.RawURLEncoding.EncodeToString([]byte(text))
			for _, s := range []slice{{after: &cursor}, {last: new(1), before: &cursor}} {
				if err := read[name](ctx, s); !errors.Is(err, errBadCursor) {
					t.Errorf("%s, %s: %v", name, text, err)
				}
			}
		}
		if err := read[name](ctx, slice{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
