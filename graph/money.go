package graph

import (
	"context"

	"partnerhub/graph/model"
	"partnerhub/internal/i18n"
	"partnerhub/internal/money"
)

// amount writes minor units of a currency as the schema's type Money, in the
// language of the request. Who may see it is for the caller to say (A9).
func amount(ctx context.Context, minor int64, currency string) *model.Money {
	return &model.Money{
		Amount:     money.Decimal(minor, currency),
		MinorUnits: minor,
		Currency:   currency,
		Formatted:  money.Format(minor, currency, i18n.From(ctx)),
	}
}
