package object

import "github.com/99designs/gqlgen/graphql"

// Creation makes an object.
type Creation struct {
	CompanyID      string
	Name           string
	Address        *string
	Reference      *string // at most 64 characters, unique within the company (A62)
	IdempotencyKey *string
}

// Update changes an object. What is left out is kept, null clears.
type Update struct {
	ObjectID  string
	Name      graphql.Omittable[*string]
	Address   graphql.Omittable[*string]
	Reference graphql.Omittable[*string]
}

// Deletion deletes an object with its hubs.
type Deletion struct{ ObjectID string }

// SIM is a card to put into a hub.
type SIM struct {
	Iccid     string
	IsAjaxSim bool
}

// HubAddition adds a hub to an object.
type HubAddition struct {
	ObjectID       string
	SerialNumber   string
	Name           string
	Sim            *SIM
	IdempotencyKey *string
}

// HubUpdate renames a hub or puts it at another object of its company.
type HubUpdate struct {
	HubID    string
	Name     graphql.Omittable[*string]
	ObjectID graphql.Omittable[*string]
}

// HubRef names a hub to remove.
type HubRef struct{ HubID string }

// SIMInstallation puts a card into a hub, in place of the one it has.
type SIMInstallation struct {
	HubID string
	Sim   SIM
}

// Transfer moves name and settings from one hub to another (A57).
type Transfer struct {
	FromHubID string
	ToHubID   string
}

// Ref names an object by exactly one of its id and what to find or create.
type Ref struct {
	ID     *string
	Create *Draft
}

// Draft is an object to create, or to find by its reference.
type Draft struct {
	Name      string
	Address   *string
	Reference *string
}
