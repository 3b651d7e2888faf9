package tile_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/store"
	"partnerhub/internal/tile"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// The predicate and the function say the same of every hub there can be.
func TestShowing_keepsWhatOfSays(t *testing.T) {
	ctx := viewer.System(t.Context())
	db, err := store.Open(ctx, store.Options{URL: database.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	shown := map[string]serviceevent.Tile{} // by the hub's name
	_, err = store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		pkg := tx.ServicePackage.Create().SetCode("P").SetNames(map[string]string{"en": "P"}).SetCreatedAt(tx.Now).SaveX(ctx)
		company := func(dealer *time.Time) *ent.Company {
			return tx.Company.Create().SetName("C").SetNameKey("c").SetCountry("PL").SetContactEmail("c@example.org").
				SetNillableDealerSince(dealer).SetCreatedAt(tx.Now).SaveX(ctx)
		}
		reseller := company(nil)
		for _, dealer := range []*time.Time{nil, &tx.Now} {
			c := company(dealer)
			o := tx.Object.Create().SetCompanyID(c.ID).SetName("O").SetNameKey("o").SetSearchKey("o").SetCreatedAt(tx.Now).SaveX(ctx)
			link := tx.Connection.Create().SetDealerID(c.ID).SetResellerID(reseller.ID).SetStatus("ACTIVE").
				SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(ctx)
			for _, card := range []string{"none", "foreign", "ajax"} {
				for _, status := range []service.Status{tile.None, service.StatusENDED, service.StatusACTIVE, service.StatusEXPIRING, service.StatusSUSPENDED} {
					name := fmt.Sprint(dealer != nil, " ", card, " ", status)
					number := fmt.Sprint(len(shown))
					h := tx.Hub.Create().SetCompanyID(c.ID).SetObjectID(o.ID).SetSerialNumber(number).SetName(name).
						SetSearchKey(name).SetCreatedAt(tx.Now).SaveX(ctx)
					if card != "none" {
						tx.SIMCard.Create().SetHubID(h.ID).SetIccid(number).SetIsAjax(card == "ajax").ExecX(ctx)
					}
					if status != tile.None {
						tx.Service.Create().SetHubID(h.ID).SetSerialNumber(h.SerialNumber).SetPackageID(pkg.ID).SetDealerID(c.ID).SetResellerID(reseller.ID).
							SetConnectionID(link.ID).SetStatus(status).SetActivatedAt(tx.Now).SetUpdatedAt(tx.Now).ExecX(ctx)
					}
					shown[name] = tile.Of(status, card == "ajax", dealer != nil)
				}
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keeps := func(tiles ...serviceevent.Tile) {
		var want []string
		for name, kind := range shown {
			if slices.Contains(tiles, kind) {
				want = append(want, name)
			}
		}
		var got []string
		for _, h := range db.Read(ctx).Hub.Query().Where(tile.Showing(tiles...)).AllX(ctx) {
			got = append(got, h.Name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%v keeps %q, want %q", tiles, got, want)
		}
	}
	for _, one := range []serviceevent.Tile{
		serviceevent.TileACTIVATION_REQUIRED, serviceevent.TileACTIVATED, serviceevent.TileEXPIRES_SOON,
		serviceevent.TileSUSPENDED, serviceevent.TileUNAVAILABLE,
	} {
		keeps(one)
	}
	keeps(serviceevent.TileACTIVATED, serviceevent.TileUNAVAILABLE)
	keeps(slices.Repeat([]serviceevent.Tile{serviceevent.TileACTIVATED, serviceevent.TileUNAVAILABLE}, 2500)...)
	keeps()
}
