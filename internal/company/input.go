package company

import (
	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent/employee"
)

// Contact is how partners reach a company. In an update, what is left out is
// kept and null clears it.
type Contact struct {
	Email   string
	Phone   graphql.Omittable[*string]
	Website graphql.Omittable[*string]
	Address graphql.Omittable[*string]
}

// Creation registers a company.
type Creation struct {
	Name           string
	Country        string // ISO 3166-1 alpha-2
	Contact        Contact
	IdempotencyKey *string
}

// Update changes a company. What is left out is kept.
type Update struct {
	CompanyID string
	Name      graphql.Omittable[*string]
	Contact   graphql.Omittable[*Contact]
}

// DealerEnrollment makes a company a dealer (R8–R12).
type DealerEnrollment struct {
	CompanyID          string
	RegistrationNumber string
	TaxNumber          *string
	AcceptsTerms       bool
}

// ResellerEnrollment makes a company a reseller, by the operator (A22, A44).
type ResellerEnrollment struct {
	CompanyID   string
	Currency    string  // ISO 4217
	CreditLimit *string // major units, 0 or more; nil is no limit (A20)
}

// EmployeeAddition invites a person with a PRO account (R23–R26).
type EmployeeAddition struct {
	CompanyID string
	Email     string
	Role      employee.Role // anything but OWNER
}

// EmployeeRef names an employee to accept, decline, resend to or remove.
type EmployeeRef struct{ EmployeeID string }

// RoleUpdate gives an employee another role (R22).
type RoleUpdate struct {
	EmployeeID string
	Role       employee.Role // anything but OWNER
}
