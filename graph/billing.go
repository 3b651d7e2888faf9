package graph

import (
	"context"

	"partnerhub/graph/model"
	"partnerhub/internal/billing"
)

// BillingRun does the monthly work for the months through one that is over.
func (r mutation) BillingRun(ctx context.Context, in billing.MonthRun) (*model.BillingRunPayload, error) {
	done, err := billing.RunMonth(ctx, r.DB, in)
	payload := &model.BillingRunPayload{}
	if done != nil {
		payload.EndedServiceCount, payload.TransactionCount = &done.Ended, &done.Booked
	}
	return answer(ctx, r.Resolver, payload, err)
}
