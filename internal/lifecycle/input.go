package lifecycle

import "partnerhub/internal/object"

// Activation starts services on a hub.
type Activation struct {
	HubID          string
	PackageID      *string // may be left out when only one is on offer (R79)
	ConnectionID   *string // may be left out when only one is active (R80)
	IdempotencyKey *string
}

// Step is a deactivation, a pause or a stop of the service on a hub.
type Step struct {
	HubID          string
	Reason         *string
	IdempotencyKey *string
}

// Resumption takes a pause or a pending end back.
type Resumption struct {
	HubID          string
	IdempotencyKey *string
}

// Provision adds hubs with their objects and, where asked, activates them
// (A62).
type Provision struct {
	CompanyID string
	Items     []*ProvisionItem // at most 100
}

// ProvisionItem is one hub to add.
type ProvisionItem struct {
	Object       object.Ref
	SerialNumber string
	Name         string
	Sim          *object.SIM
	Activation   *Choice // nil: services stay as they are
}

// Choice is what to activate with; each may be left out when preselected.
type Choice struct {
	PackageID    *string
	ConnectionID *string
}
