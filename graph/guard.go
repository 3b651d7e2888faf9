package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/internal/authz"
	"partnerhub/internal/viewer"
)

// open are the root fields for people who are not signed in (R113, R124).
var open = map[string]bool{
	"userSignUp": true, "userSignIn": true, "userEmailVerify": true, "userEmailVerificationResend": true,
	"userPasswordResetRequest": true, "userPasswordReset": true,
	"viewer": true, "serverInfo": true, "rateLimit": true, "__typename": true, "__schema": true, "__type": true,
}

// RequireSignIn answers UNAUTHENTICATED for every root field that is not open
// to everybody. Root fields of subscriptions are asked when they start.
//
// An open mutation answers as the person whom it concerns, but signs nobody in
// for the fields beside it: it gets a viewer of its own.
func RequireSignIn(ctx context.Context, next graphql.Resolver) (any, error) {
	f := graphql.GetFieldContext(ctx)
	if isRoot(f) && !open[f.Field.Name] && !viewer.From(ctx).SignedIn() {
		return nil, authz.ErrUnauthenticated
	}
	if f.Object == "Mutation" && open[f.Field.Name] {
		ctx = viewer.With(ctx, viewer.From(ctx))
	}
	return next(ctx)
}

func isRoot(f *graphql.FieldContext) bool {
	switch f.Object {
	case "Query", "Mutation", "Subscription":
		return true
	}
	return false
}
