package model

import "slices"

// Request is a dealer's request to a company.
func (w *World) Request(c Call, dealer, reseller *Company) Outcome {
	switch {
	case !w.SeesCompany(c.By, dealer) || !w.SeesCompany(c.By, reseller):
		return refuse("NOT_FOUND")
	case !c.By.manages(dealer):
		return refuse("FORBIDDEN")
	}
	there := func(id string) bool { l := w.connection(id); return l != nil && l.State != "" }
	return w.once(c, "connectionRequest", false, there, func() Outcome {
		switch {
		case !dealer.Dealer:
			return refuse("NOT_A_DEALER")
		case reseller.Account == nil:
			return refuse("NOT_A_RESELLER")
		case slices.ContainsFunc(w.Connections, func(l *Connection) bool {
			return l.Dealer == dealer && l.Reseller == reseller && l.State != ""
		}):
			return refuse("REQUEST_EXISTS")
		}
		return Outcome{Do: func(id string) {
			w.Connections = append(w.Connections, &Connection{ID: id, Dealer: dealer, Reseller: reseller, State: "PENDING"})
		}}
	})
}

func (w *World) connection(id string) *Connection {
	for _, l := range w.Connections {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// connectionSteps is the state machine of connections.
var connectionSteps = map[string]map[string]string{
	"APPROVE": {"PENDING": "ACTIVE", "REJECTED": "ACTIVE"},
	"REJECT":  {"PENDING": "REJECTED"},
	"SUSPEND": {"ACTIVE": "SUSPENDED"},
	"RESUME":  {"SUSPENDED": "ACTIVE"},
	"CANCEL":  {"PENDING": ""},
}

// Decide is a step of a connection: the dealer's CANCEL, or one of the
// reseller's. number comes with APPROVE; "" is none.
func (w *World) Decide(by *Person, l *Connection, step, number string) Outcome {
	side := l.Reseller
	if step == "CANCEL" {
		side = l.Dealer
	}
	next, open := connectionSteps[step][l.State]
	switch {
	case l.State == "" || !by.Operator && !by.manages(l.Dealer) && !by.manages(l.Reseller):
		return refuse("NOT_FOUND")
	case !by.manages(side):
		return refuse("FORBIDDEN")
	case !open:
		return refuse("INVALID_STATE")
	case number != "" && slices.ContainsFunc(w.Connections, func(o *Connection) bool {
		return o != l && o.State != "" && o.Reseller == l.Reseller && o.Number == number
	}):
		return refuse("TAKEN")
	}
	return Outcome{Do: func(string) {
		l.State = next
		if step == "APPROVE" {
			l.Number = number
		}
	}}
}

// OpenConnectionSteps are the steps that the state of a connection allows.
func OpenConnectionSteps(state string) []string {
	var open []string
	for _, step := range []string{"APPROVE", "REJECT", "CANCEL", "SUSPEND", "RESUME"} {
		if _, ok := connectionSteps[step][state]; ok {
			open = append(open, step)
		}
	}
	return open
}
