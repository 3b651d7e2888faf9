package identity

import "github.com/99designs/gqlgen/graphql"

// SignUp opens a PRO account.
type SignUp struct {
	Email    string
	Password string
	Name     string
	Language *string // BCP 47; nil is the language of the request
}

// EmailVerification confirms an address with the code from a mail.
type EmailVerification struct{ Token string }

// VerificationResend asks for another mail with a code.
type VerificationResend struct{ Email string }

// SignIn starts a session.
type SignIn struct {
	Email      string
	Password   string
	DeviceName *string
}

// SignOut ends the session of the request, or every one of the person.
type SignOut struct{ Everywhere bool }

// PasswordResetRequest asks for a mail to set a new password.
type PasswordResetRequest struct{ Email string }

// PasswordReset sets a new password with the code from a mail.
type PasswordReset struct {
	Token    string
	Password string
}

// PasswordUpdate changes the password of who is signed in.
type PasswordUpdate struct {
	CurrentPassword string
	Password        string
}

// Profile is what a person may change of himself. What is left out is kept.
type Profile struct {
	Name     graphql.Omittable[*string]
	Language graphql.Omittable[*string]
}

// SessionRevocation ends one session of who is signed in.
type SessionRevocation struct{ SessionID string }
