// Package tile tells what stands under a hub on the device list and on its
// info screen: pure functions of the state of its service, its card and its
// company, and the same as a predicate for queries. Tile, star and SIM icon
// follow from these alone.
package tile

import (
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
)

// Icon is one of the hub's status icons, as in the schema's enum
// HubStatusIcon.
type Icon string

// Icons of a hub.
const (
	IconStar        Icon = "STAR"
	IconSIMActive   Icon = "SIM_ACTIVE"
	IconSIMInactive Icon = "SIM_INACTIVE"
)

// None is the state of a hub on which no service lives; ENDED says the same.
const None service.Status = ""

// living are the states in which a service lives, with the tile of each.
var living = map[service.Status]serviceevent.Tile{
	service.StatusACTIVE:    serviceevent.TileACTIVATED,
	service.StatusEXPIRING:  serviceevent.TileEXPIRES_SOON,
	service.StatusSUSPENDED: serviceevent.TileSUSPENDED,
}

// Of returns the tile of a hub: that of its living service, whatever else
// holds; without one, UNAVAILABLE unless the hub has an Ajax SIM and its
// company is a dealer.
func Of(status service.Status, ajaxSIM, dealer bool) serviceevent.Tile {
	if t, ok := living[status]; ok {
		return t
	}
	if !ajaxSIM || !dealer {
		return serviceevent.TileUNAVAILABLE
	}
	return serviceevent.TileACTIVATION_REQUIRED
}

// HasStar reports whether services are delivered: not while they are paused
// (A13).
func HasStar(status service.Status) bool {
	return status == service.StatusACTIVE || status == service.StatusEXPIRING
}

// Icons returns the status icons of a hub, in the order to show them. A hub
// without a card has no SIM icon (A56). It is never nil.
func Icons(status service.Status, hasCard, cardActive bool) []Icon {
	icons := []Icon{}
	if HasStar(status) {
		icons = append(icons, IconStar)
	}
	switch {
	case hasCard && cardActive:
		icons = append(icons, IconSIMActive)
	case hasCard:
		icons = append(icons, IconSIMInactive)
	}
	return icons
}
