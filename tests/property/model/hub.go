package model

import "slices"

// present are the hubs that were not removed.
func (w *World) present() []*Hub {
	return slices.DeleteFunc(slices.Clone(w.Hubs), func(h *Hub) bool { return h.Removed })
}

func (w *World) hub(id string) *Hub {
	for _, h := range w.Hubs {
		if h.ID == id {
			return h
		}
	}
	return nil
}

// serialTaken and cardTaken tell what another present hub has (A40).
func (w *World) serialTaken(serial string) bool {
	return slices.ContainsFunc(w.present(), func(h *Hub) bool { return h.Serial == serial })
}

func (w *World) cardTaken(iccid string, by *Hub) bool {
	return slices.ContainsFunc(w.present(), func(h *Hub) bool { return h != by && h.Card != nil && h.Card.ICCID == iccid })
}

// HubAdd adds a hub with a card, or with none.
func (w *World) HubAdd(c Call, o *Object, serial string, card *Card) Outcome {
	switch {
	case !w.seesObject(c.By, o):
		return refuse("NOT_FOUND")
	case !c.By.works(o.Company):
		return refuse("FORBIDDEN")
	}
	there := func(id string) bool { h := w.hub(id); return h != nil && !h.Removed }
	return w.once(c, "hubAdd", false, there, func() Outcome { return w.hubAdd(o, serial, card) })
}

func (w *World) hubAdd(o *Object, serial string, card *Card) Outcome {
	if w.serialTaken(serial) || card != nil && w.cardTaken(card.ICCID, nil) {
		return refuse("TAKEN")
	}
	return Outcome{Do: func(id string) {
		w.Hubs = append(w.Hubs, &Hub{ID: id, Serial: serial, Object: o, Card: card})
	}}
}

// ownHub is what all changes of a hub ask first: sight, right, and that
// nothing lives on it (A10).
func (w *World) ownHub(by *Person, h *Hub) string {
	switch {
	case !w.SeesHub(by, h):
		return "NOT_FOUND"
	case !by.works(h.Company()):
		return "FORBIDDEN"
	case w.Live(h) != nil:
		return "SERVICES_ACTIVE"
	}
	return ""
}

// HubRemove removes a hub.
func (w *World) HubRemove(by *Person, h *Hub) Outcome {
	if code := w.ownHub(by, h); code != "" {
		return refuse(code)
	}
	return Outcome{Do: func(string) { h.Removed = true }}
}

// SIMInstall puts a card into a hub. The one that is in it already is no
// change, whatever lives on the hub.
func (w *World) SIMInstall(by *Person, h *Hub, card *Card) Outcome {
	code := w.ownHub(by, h)
	if same := h.Card != nil && h.Card.ICCID == card.ICCID && h.Card.Ajax == card.Ajax; same && code == "SERVICES_ACTIVE" {
		return Outcome{Do: func(string) {}}
	}
	if code != "" {
		return refuse(code)
	}
	if w.cardTaken(card.ICCID, h) {
		return refuse("TAKEN")
	}
	return Outcome{Do: func(string) { h.Card = card }}
}

// Provisioned is what becomes of one item of a provision.
type Provisioned struct {
	Code     string // of the whole call or of the item
	Existing bool
	Do       func(hubID, serviceID string) // serviceID is "" where nothing was activated
}

// Provision adds one hub to an object of the company, or finds it there, and
// activates it where asked, unless services live on it (A62).
func (w *World) Provision(by *Person, c *Company, o *Object, serial string, card *Card, activate bool, choice Choice) Provisioned {
	switch {
	case !w.SeesCompany(by, c):
		return Provisioned{Code: "NOT_FOUND"}
	case !by.works(c):
		return Provisioned{Code: "FORBIDDEN"}
	}
	i := slices.IndexFunc(w.present(), func(h *Hub) bool { return h.Serial == serial && h.Company() == c })
	unseen := activate && namesUnseen(by, c, choice.Link)
	if i < 0 {
		if o.Company != c {
			return Provisioned{Code: "NOT_FOUND"}
		}
		add := w.hubAdd(o, serial, card)
		if add.Code != "" {
			return Provisioned{Code: add.Code}
		}
		if unseen {
			return Provisioned{Code: "NOT_FOUND"}
		}
		trying := &Hub{Serial: serial, Object: o, Card: card}
		if code := w.activation(trying, choice).code; activate && code != "" {
			return Provisioned{Code: code}
		}
		return Provisioned{Do: func(hubID, serviceID string) {
			add.Do(hubID)
			if activate {
				w.begin(w.hub(hubID), choice, serviceID)
			}
		}}
	}
	h := w.present()[i]
	if activate {
		w.Settle(by, h)
	}
	if w.Live(h) != nil {
		activate = false
	}
	if activate {
		if unseen {
			return Provisioned{Code: "NOT_FOUND", Existing: true}
		}
		if code := w.activation(h, choice).code; code != "" {
			return Provisioned{Code: code, Existing: true}
		}
	}
	return Provisioned{Existing: true, Do: func(_, serviceID string) {
		if activate {
			w.begin(h, choice, serviceID)
		}
	}}
}
