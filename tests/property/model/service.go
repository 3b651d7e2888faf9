package model

import (
	"slices"
	"time"
)

// Pause is the time in which services were paused: [From, To), to be continued
// while To is nil.
type Pause struct {
	From time.Time
	To   *time.Time
}

// Service is one package on one hub, from its activation to its end.
type Service struct {
	ID               string
	Hub              *Hub
	ICCID            string // of the card at the activation
	Package          *Package
	Dealer, Reseller *Company
	Start            time.Time
	TrialEnd         *time.Time
	End              *time.Time // pending or past
	Over             bool
	Pauses           []Pause
	ByOperator       bool // who set the running pause
}

// paused reports whether a pause is running.
func (s *Service) paused() bool { return len(s.Pauses) > 0 && s.Pauses[len(s.Pauses)-1].To == nil }

// State is the state of the machine in the decisions; "" for none.
func (s *Service) State() string {
	switch {
	case s == nil || s.Over:
		return ""
	case s.paused():
		return "SUSPENDED"
	case s.End != nil:
		return "EXPIRING"
	}
	return "ACTIVE"
}

// Live is the service that lives on a hub, nil for none.
func (w *World) Live(h *Hub) *Service {
	for _, s := range w.Services {
		if s.Hub == h && !s.Over {
			return s
		}
	}
	return nil
}

// Overdue reports whether the service lives on only because the calendar is
// late (A46).
func (w *World) Overdue(s *Service) bool { return !s.Over && s.End != nil && !s.End.After(w.Now) }

// Settle ends what is overdue on a hub that somebody sees, as any command on it
// does first (A46).
func (w *World) Settle(by *Person, h *Hub) {
	if s := w.Live(h); s != nil && w.Overdue(s) && w.SeesHub(by, h) {
		w.finish(s)
	}
}

// finish ends a service whose End is known.
func (w *World) finish(s *Service) {
	s.Over = true
	w.power(s, false)
}

// power switches the card, if the package includes the SIM.
func (w *World) power(s *Service, on bool) {
	if s.Package.SIM && s.Hub.Card != nil {
		s.Hub.Card.On = on
	}
}

// Choice is what to activate with; nil is left out.
type Choice struct {
	Package *Package
	Link    *Connection
}

// terms is an activation that is about to be done, or refused.
type terms struct {
	code string
	pkg  *Package
	link *Connection
}

// activation goes through the refusals in A35's order.
func (w *World) activation(h *Hub, c Choice) terms {
	switch {
	case !h.Company().Dealer:
		return terms{code: "NOT_A_DEALER"}
	case w.Live(h) != nil:
		return terms{code: "INVALID_STATE"}
	case h.Card == nil || !h.Card.Ajax:
		return terms{code: "SIM_REQUIRED"}
	}
	t := terms{}
	if t.pkg, t.code = w.pickPackage(c.Package); t.code != "" {
		return t
	}
	if t.link, t.code = w.pickLink(h.Company(), c.Link); t.code != "" {
		return t
	}
	account := t.link.Reseller.Account
	if len(t.pkg.Prices[account.Currency]) == 0 {
		t.code = "NO_PRICE_IN_CURRENCY"
	} else if account.Limit != nil && account.Balance() < -*account.Limit {
		t.code = "CREDIT_LIMIT"
	}
	return t
}

func (w *World) pickPackage(chosen *Package) (*Package, string) {
	if chosen != nil {
		if chosen.Archived {
			return nil, "INVALID"
		}
		return chosen, ""
	}
	var onSale []*Package
	for _, p := range w.Packages {
		if !p.Archived {
			onSale = append(onSale, p)
		}
	}
	if len(onSale) != 1 {
		return nil, "PACKAGE_REQUIRED"
	}
	return onSale[0], ""
}

func (w *World) pickLink(dealer *Company, chosen *Connection) (*Connection, string) {
	var active []*Connection
	suspended := false
	for _, l := range w.Connections {
		if l.Dealer == dealer && (chosen == nil || chosen == l) {
			suspended = suspended || l.State == "SUSPENDED"
			if l.State == "ACTIVE" {
				active = append(active, l)
			}
		}
	}
	switch {
	case len(active) == 1:
		return active[0], ""
	case len(active) > 1:
		return nil, "RESELLER_REQUIRED"
	case suspended:
		return nil, "CONNECTION_SUSPENDED"
	}
	return nil, "CONNECTION_NOT_ACTIVE"
}

// begin starts a service, with its trial if there was none yet (A3, A40).
func (w *World) begin(h *Hub, c Choice, id string) {
	t := w.activation(h, c)
	s := &Service{
		ID: id, Hub: h, ICCID: h.Card.ICCID, Package: t.pkg, Dealer: h.Company(), Reseller: t.link.Reseller, Start: w.Now,
	}
	spent := slices.ContainsFunc(w.Services, func(o *Service) bool {
		return o.TrialEnd != nil && o.Package == s.Package && (o.Hub.Serial == h.Serial || o.ICCID == s.ICCID)
	})
	if t.pkg.TrialDays > 0 && !spent {
		end := w.Boundary(w.Now.Add(time.Duration(t.pkg.TrialDays) * 24 * time.Hour))
		s.TrialEnd = &end
	}
	w.Services = append(w.Services, s)
	s.Reseller.Account.EverActive = true
	w.power(s, true)
}

// namesUnseen reports whether a connection is chosen that is not the company's
// or nothing to the person: it is refused like a hub that is not seen (A34).
func namesUnseen(by *Person, dealer *Company, l *Connection) bool {
	return l != nil && (l.State == "" || l.Dealer != dealer || !by.works(dealer) && !by.Operator && !by.manages(l.Reseller))
}

// Activate starts services on a hub.
func (w *World) Activate(c Call, h *Hub, choice Choice) Outcome {
	if namesUnseen(c.By, h.Company(), choice.Link) {
		w.Settle(c.By, h)
		return refuse("NOT_FOUND")
	}
	return w.step(c, h, "ACTIVATE", func() Outcome {
		if code := w.activation(h, choice).code; code != "" {
			return refuse(code)
		}
		return Outcome{Do: func(id string) { w.begin(h, choice, id) }}
	})
}

// step is what every step of a service asks first.
func (w *World) step(c Call, h *Hub, step string, do func() Outcome) Outcome {
	w.Settle(c.By, h)
	operators := c.By.Operator && (step == "SUSPEND" || step == "RESUME") // A53
	switch {
	case !w.SeesHub(c.By, h):
		return refuse("NOT_FOUND")
	case !c.By.works(h.Company()) && !operators:
		return refuse("FORBIDDEN")
	}
	return w.once(c, step, false, func(string) bool { return true }, do)
}

// Change is any step of a live service: DEACTIVATE, SUSPEND, RESUME, STOP.
func (w *World) Change(c Call, h *Hub, step string) Outcome {
	return w.step(c, h, step, func() Outcome {
		s := w.Live(h)
		if code := w.stateRefuses(c.By, h, s, step); code != "" {
			return refuse(code)
		}
		return Outcome{Do: func(string) { w.change(c.By, s, step) }}
	})
}

// serviceSteps is the state machine of services, without activation.
var serviceSteps = map[string][]string{
	"DEACTIVATE": {"ACTIVE"},
	"SUSPEND":    {"ACTIVE", "EXPIRING"},
	"RESUME":     {"SUSPENDED", "EXPIRING"},
	"STOP":       {"ACTIVE", "EXPIRING", "SUSPENDED"},
}

func (w *World) stateRefuses(by *Person, h *Hub, s *Service, step string) string {
	switch {
	case !h.Company().Dealer:
		return "NOT_A_DEALER"
	case !slices.Contains(serviceSteps[step], s.State()):
		return "INVALID_STATE"
	case step == "RESUME" && s.paused() && s.ByOperator != by.Operator:
		return "SUSPENDED_BY_OTHER"
	case step == "RESUME" && !s.paused() && by.Operator:
		return "FORBIDDEN" // resumes only what it suspended (A53)
	}
	return ""
}

func (w *World) change(by *Person, s *Service, step string) {
	now := w.Now
	switch step {
	case "DEACTIVATE":
		end := w.NextBoundary(now)
		s.End = &end
	case "SUSPEND":
		s.Pauses = append(s.Pauses, Pause{From: now})
		s.ByOperator = by.Operator
		w.power(s, false)
	case "RESUME":
		if s.paused() {
			s.Pauses[len(s.Pauses)-1].To = &now
			w.power(s, true)
		} else {
			s.End = nil
		}
	case "STOP":
		s.End = &now
		w.finish(s)
	}
}

// Tile is what stands under a hub.
func (w *World) Tile(h *Hub) string {
	switch w.Live(h).State() {
	case "ACTIVE":
		return "ACTIVATED"
	case "EXPIRING":
		return "EXPIRES_SOON"
	case "SUSPENDED":
		return "SUSPENDED"
	}
	if h.Card == nil || !h.Card.Ajax || !h.Company().Dealer {
		return "UNAVAILABLE"
	}
	return "ACTIVATION_REQUIRED"
}

// Refusal is what the screen says of a step that the person has the right to
// look at: "" where it is open. Nothing is chosen for an activation. A service
// that is over by the calendar counts as over.
func (w *World) Refusal(by *Person, h *Hub, step string) string {
	if by.Operator && step != "SUSPEND" && step != "RESUME" {
		return "FORBIDDEN"
	}
	s := w.Live(h)
	if over := s; s != nil && w.Overdue(s) {
		over.Over, s = true, nil
		defer func() { over.Over = false }()
	}
	if step == "ACTIVATE" {
		return w.activation(h, Choice{}).code
	}
	return w.stateRefuses(by, h, s, step)
}
