// Package identity keeps the PRO accounts of people: signing up and in,
// confirmed addresses, passwords and sessions (R113, R124, A31).
//
// Sessions, codes and their ends go by the real clock, never by the test
// clock of the business (A47). Whether an address has an account is told by
// neither text, code nor time of any answer of this package (A61).
package identity

import (
	"time"

	"partnerhub/internal/form"
)

// SessionLife is how long a session lasts after its sign-in, used or not.
const SessionLife = 90 * 24 * time.Hour

// now is the instant by the real clock, as the database keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// IsOperator reports whether a person runs the platform: the confirmed
// address is the one that the server's configuration names (A32).
func IsOperator(email string, verifiedAt *time.Time, operatorEmail string) bool {
	folded, ok := form.FoldEmail(operatorEmail)
	return ok && verifiedAt != nil && email == folded
}
