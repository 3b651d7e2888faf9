package connection

import "github.com/99designs/gqlgen/graphql"

// ResellerRef names a reseller by exactly one of id and e-mail (R37).
type ResellerRef struct {
	ID    *string
	Email *string
}

// Request asks a reseller for a connection.
type Request struct {
	DealerID       string
	Reseller       ResellerRef
	IdempotencyKey *string
}

// Ref names a connection, to cancel or to resume.
type Ref struct{ ConnectionID string }

// Approval approves a request (R45).
type Approval struct {
	ConnectionID string
	DealerNumber *string // 1 to 32 characters (A24); nil is none
}

// Refusal rejects a request or suspends a connection, with words to the dealer.
type Refusal struct {
	ConnectionID string
	Reason       *string
}

// NumberUpdate changes the number given to a dealer; null takes it away.
type NumberUpdate struct {
	ConnectionID string
	DealerNumber graphql.Omittable[*string]
}
