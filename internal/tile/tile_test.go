package tile_test

import (
	"slices"
	"testing"

	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/tile"
)

// The table of the state machines, row by row (A10 A13 A56).
func TestOf(t *testing.T) {
	for _, c := range []struct {
		status          service.Status
		ajaxSIM, dealer bool
		want            serviceevent.Tile
	}{
		{tile.None, true, true, serviceevent.TileACTIVATION_REQUIRED},
		{service.StatusENDED, true, true, serviceevent.TileACTIVATION_REQUIRED},
		{tile.None, false, true, serviceevent.TileUNAVAILABLE},
		{tile.None, true, false, serviceevent.TileUNAVAILABLE},
		{service.StatusENDED, false, true, serviceevent.TileUNAVAILABLE},
		{tile.None, false, false, serviceevent.TileUNAVAILABLE},
		{service.StatusACTIVE, true, true, serviceevent.TileACTIVATED},
		{service.StatusEXPIRING, true, true, serviceevent.TileEXPIRES_SOON},
		{service.StatusSUSPENDED, true, true, serviceevent.TileSUSPENDED},
	} {
		if got := tile.Of(c.status, c.ajaxSIM, c.dealer); got != c.want {
			t.Errorf("Of(%q, %v, %v) = %s, want %s", c.status, c.ajaxSIM, c.dealer, got, c.want)
		}
	}
}

func TestIcons(t *testing.T) {
	for _, c := range []struct {
		status          service.Status
		hasCard, active bool
		want            []tile.Icon
	}{
		{tile.None, false, false, []tile.Icon{}},
		{tile.None, true, false, []tile.Icon{tile.IconSIMInactive}},
		{service.StatusACTIVE, true, true, []tile.Icon{tile.IconStar, tile.IconSIMActive}},
		{service.StatusEXPIRING, true, true, []tile.Icon{tile.IconStar, tile.IconSIMActive}},
		{service.StatusSUSPENDED, true, false, []tile.Icon{tile.IconSIMInactive}},
		{service.StatusACTIVE, true, false, []tile.Icon{tile.IconStar, tile.IconSIMInactive}}, // a package without the SIM
		{service.StatusENDED, true, false, []tile.Icon{tile.IconSIMInactive}},
	} {
		if got := tile.Icons(c.status, c.hasCard, c.active); got == nil || !slices.Equal(got, c.want) {
			t.Errorf("Icons(%q, %v, %v) = %v, want %v", c.status, c.hasCard, c.active, got, c.want)
		}
	}
}
