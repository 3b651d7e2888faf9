package form

import "partnerhub/internal/errs"

// ErrOneOf answers a @oneOf input with none or several of its fields: only a
// programmer can put that right.
var ErrOneOf = errs.NewForProgrammer(errs.BadUserInput, "errorOneOf")

// OneOf checks that exactly one of the fields of a @oneOf input was given. The
// GraphQL server itself looks only at those written in the document, not at
// variables. path names the input.
func OneOf(path []string, given ...bool) *errs.Error {
	count := 0
	for _, g := range given {
		if g {
			count++
		}
	}
	if count != 1 {
		return ErrOneOf.On(path...)
	}
	return nil
}
