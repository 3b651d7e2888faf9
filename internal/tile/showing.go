package tile

import (
	"slices"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent/company"
	"partnerhub/ent/hub"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
)

// Showing keeps the hubs that show one of the tiles: what [Of] says, for a
// query. A predicate asks past the visibility policies: only lists of what the
// viewer's own company looks after may be narrowed by it. Without tiles it keeps
// none.
func Showing(tiles ...serviceevent.Tile) predicate.Hub {
	if len(tiles) == 0 {
		return func(s *sql.Selector) { s.Where(sql.False()) }
	}
	each := slices.Compact(slices.Sorted(slices.Values(tiles))) // once, however often it is asked for
	wanted := make([]predicate.Hub, 0, len(each))
	for _, t := range each {
		wanted = append(wanted, showing(t))
	}
	return hub.Or(wanted...)
}

func showing(t serviceevent.Tile) predicate.Hub {
	for status, shown := range living {
		if shown == t {
			return hub.HasServicesWith(service.StatusEQ(status))
		}
	}
	ready := hub.And(hub.HasSimWith(simcard.IsAjax(true)), hub.HasCompanyWith(company.DealerSinceNotNil()))
	if t == serviceevent.TileUNAVAILABLE {
		ready = hub.Not(ready)
	}
	return hub.And(ready, hub.Not(hub.HasServicesWith(service.StatusNEQ(service.StatusENDED))))
}
