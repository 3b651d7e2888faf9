package offer

import "partnerhub/internal/money"

// Text is a text in one language.
type Text struct {
	Language string // BCP 47
	Text     string
}

// Package is what the operator says of a package. On a package that exists,
// what is left out is kept, and prices merge by currency (A43).
type Package struct {
	Code        string
	Names       []*Text
	MonthlyFees []*money.Input
	TrialDays   *int // 0 or more; a new package has none by default
	IncludesSim *bool
	IsArchived  *bool
}
