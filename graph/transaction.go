package graph

import (
	"context"
	"errors"

	"partnerhub/ent"
	rows "partnerhub/ent/ledger"
	"partnerhub/ent/predicate"
	"partnerhub/ent/transaction"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/ledger"
	"partnerhub/internal/money"
	"partnerhub/internal/viewer"
)

// BalanceReplenish books a payment of a reseller.
func (r mutation) BalanceReplenish(ctx context.Context, in ledger.Replenishment) (*model.BalanceReplenishPayload, error) {
	t, err := ledger.Replenish(ctx, r.DB, in)
	c, err := r.resellerOf(ctx, t, err)
	return answer(ctx, r.Resolver, &model.BalanceReplenishPayload{Transaction: t, Reseller: c}, err)
}

// BalanceAdjust corrects a transaction.
func (r mutation) BalanceAdjust(ctx context.Context, in ledger.Adjustment) (*model.BalanceAdjustPayload, error) {
	t, err := ledger.Adjust(ctx, r.DB, in)
	c, err := r.resellerOf(ctx, t, err)
	return answer(ctx, r.Resolver, &model.BalanceAdjustPayload{Transaction: t, Reseller: c}, err)
}

// resellerOf is the company whose transaction a command has booked.
func (r mutation) resellerOf(ctx context.Context, t *ent.Transaction, err error) (*ent.Company, error) {
	if err != nil {
		return nil, err
	}
	return visible(r.DB.Read(ctx).Company.Get(ctx, t.ResellerID))
}

// errAmountFilter refuses a bound that is no amount: only a programmer can put
// it right.
var errAmountFilter = errs.NewForProgrammer(errs.BadUserInput, "errorInvalidAmount")

// Transactions are a reseller's payment history (R67), for those who may see
// its money (A9). Newest first unless asked otherwise.
func (r companyType) Transactions(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.TransactionFilter, orderBy *model.TransactionOrder,
) (*model.TransactionConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.TransactionConnection, error) {
		kept, err := keptTransactions(filter, companies)
		if err != nil {
			return nil, err
		}
		may := func(id string) bool { return authz.CanRead(ctx, authz.ViewFinances, id) }
		q := r.DB.Read(ctx).Transaction.Query().Where(kept...)
		found, err := pagesFor(ctx, q, history(orderBy), companies, companyID, may, slice{first, after, last, before})
		if err != nil {
			return nil, err
		}
		pages := make(map[*ent.Company]*model.TransactionConnection, len(found))
		var all []*model.TransactionConnection
		for _, c := range companies {
			page := &model.TransactionConnection{Page: found[c]}
			if c.ResellerSince != nil && may(c.ID) {
				page.Reseller = c
			}
			pages[c] = page
			all = append(all, page)
		}
		together(ctx, all)
		return pages, nil
	})
}

// history is in the order of the numbers: that of the instants, and of the
// insertion within one instant (A59).
func history(by *model.TransactionOrder) list[ent.Transaction] {
	l := list[ent.Transaction]{
		owner:   transaction.FieldResellerID,
		ownerOf: func(t *ent.Transaction) string { return t.ResellerID },
		idOf:    func(t *ent.Transaction) string { return t.ID },
		order: order[ent.Transaction]{
			name: "number", column: transaction.FieldNumber, kind: byNumber, desc: true, isUnique: true,
			value: func(t *ent.Transaction) any { return t.Number },
		},
	}
	if by == nil {
		return l
	}
	if by.Field == model.TransactionOrderFieldAmount {
		l.order = order[ent.Transaction]{
			name: "amount", column: transaction.FieldAmount, kind: byNumber, // those of one amount by their ids, which grow
			value: func(t *ent.Transaction) any { return t.Amount },
		}
	}
	l.order.desc = by.Direction == model.OrderDirectionDesc
	return l
}

// keptTransactions are the predicates of a filter over the histories of some
// companies. Without one, all are kept.
func keptTransactions(filter *model.TransactionFilter, companies []*ent.Company) (kept []predicate.Transaction, err error) {
	if filter == nil {
		return nil, nil
	}
	if filter.Type != nil {
		kept = append(kept, transaction.TypeIn(filter.Type...))
	}
	if filter.Direction != nil {
		kept = append(kept, transaction.DirectionIn(filter.Direction...))
	}
	if filter.Currency != nil {
		kept = append(kept, transaction.CurrencyIn(filter.Currency...))
	}
	if filter.ResellerID != nil {
		kept = append(kept, transaction.ResellerIDIn(filter.ResellerID...))
	}
	kept = append(kept, between(filter.OccurredAt, transaction.OccurredAtGTE, transaction.OccurredAtLT)...)
	if filter.Amount != nil {
		within, err := amountWithin(filter.Amount, companies)
		if err != nil {
			return nil, err
		}
		kept = append(kept, within)
	}
	return kept, nil
}

// amountWithin keeps the amounts between two bounds in major units, each in
// the currency of its reseller.
func amountWithin(bounds *model.DecimalFilter, companies []*ent.Company) (predicate.Transaction, error) {
	currencies := map[string]bool{"EUR": true} // one at least, so that bounds of wrong form are refused
	for _, c := range companies {
		if c.Currency != nil {
			currencies[*c.Currency] = true
		}
	}
	var each []predicate.Transaction
	for currency := range currencies {
		kept := []predicate.Transaction{transaction.Currency(currency)}
		for _, b := range []struct {
			bound *string
			keep  func(int64) predicate.Transaction
		}{{bounds.Gte, transaction.AmountGTE}, {bounds.Lt, transaction.AmountLT}} {
			if b.bound == nil {
				continue
			}
			minor, err := money.AtLeast(*b.bound, currency)
			if errors.Is(err, money.ErrInvalidAmount) {
				return nil, errAmountFilter
			}
			if err != nil {
				return nil, err
			}
			kept = append(kept, b.keep(minor))
		}
		each = append(each, transaction.And(kept...))
	}
	return transaction.Or(each...), nil
}

// EmptyState is there as long as the reseller has no transaction (R70),
// whatever the list was filtered by.
func (r transactionConnectionType) EmptyState(ctx context.Context, page *model.TransactionConnection) (*model.Screen, error) {
	return load(ctx, page, "emptyState", func(ctx context.Context, pages []*model.TransactionConnection) (map[*model.TransactionConnection]*model.Screen, error) {
		var ids []string
		for _, p := range pages {
			if p.Reseller != nil {
				ids = append(ids, p.Reseller.ID)
			}
		}
		if len(ids) == 0 {
			return nil, nil
		}
		empty, err := r.DB.Read(ctx).Ledger.Query().Where(rows.ResellerIDIn(ids...), rows.LastNumber(0)).
			Select(rows.FieldResellerID).Strings(viewer.System(ctx))
		if err != nil {
			return nil, err
		}
		screens := make(map[*model.TransactionConnection]*model.Screen, len(empty))
		for _, p := range pages {
			for _, id := range empty {
				if p.Reseller != nil && p.Reseller.ID == id {
					screens[p] = screen(ctx, model.ScreenCodePaymentHistoryEmpty)
				}
			}
		}
		return screens, nil
	})
}

// Color is how the apps show the amount (R68).
func (r transactionType) Color(_ context.Context, t *ent.Transaction) (model.TransactionColor, error) {
	if t.Direction == transaction.DirectionCREDIT {
		return model.TransactionColorGreen, nil
	}
	return model.TransactionColorRed, nil
}

// Amount is never negative.
func (r transactionType) Amount(ctx context.Context, t *ent.Transaction) (*model.Money, error) {
	return amount(ctx, t.Amount, t.Currency), nil
}

// BalanceAfter is the balance as the transaction left it.
func (r transactionType) BalanceAfter(ctx context.Context, t *ent.Transaction) (*model.Money, error) {
	return amount(ctx, t.BalanceAfter, t.Currency), nil
}

// Charge is what a monthly fee is made of.
func (r transactionType) Charge(ctx context.Context, t *ent.Transaction) (*ledger.Charge, error) {
	return load(ctx, t, "charge", func(ctx context.Context, transactions []*ent.Transaction) (map[*ent.Transaction]*ledger.Charge, error) {
		charges := map[*ent.Transaction]*ledger.Charge{}
		var all []*ledger.Charge
		for _, t := range transactions {
			if t.Month == nil {
				continue
			}
			month, err := calendar.ParseMonth(*t.Month)
			if err != nil {
				return nil, err
			}
			charges[t] = &ledger.Charge{ResellerID: t.ResellerID, Month: month, Amount: t.Amount, Currency: t.Currency, IsBooked: true}
			all = append(all, charges[t])
		}
		together(ctx, all)
		return charges, nil
	})
}

// Corrects is what an adjustment corrects.
func (r transactionType) Corrects(ctx context.Context, t *ent.Transaction) (*ent.Transaction, error) {
	return loadOne(ctx, t, "corrects", corrected, func(ctx context.Context, ids []string) ([]*ent.Transaction, error) {
		return r.DB.Read(ctx).Transaction.Query().Where(transaction.IDIn(ids...)).All(ctx)
	}, func(t *ent.Transaction) string { return t.ID })
}

// corrected is "" for what corrects nothing.
func corrected(t *ent.Transaction) string {
	if t.CorrectsID == nil {
		return ""
	}
	return *t.CorrectsID
}

// Reseller is whose balance it is, also after it was deleted (A45).
func (r transactionType) Reseller(ctx context.Context, t *ent.Transaction) (*ent.Company, error) {
	return loadOne(ctx, t, "reseller", func(t *ent.Transaction) string { return t.ResellerID }, r.companiesByID, companyID)
}

// Corrections are the adjustments of a transaction, oldest first: as many as a
// page has at most.
func (r transactionType) Corrections(ctx context.Context, t *ent.Transaction) ([]*ent.Transaction, error) {
	return load(ctx, t, "corrections", func(ctx context.Context, transactions []*ent.Transaction) (map[*ent.Transaction][]*ent.Transaction, error) {
		ids := make([]string, len(transactions))
		for i, t := range transactions {
			ids[i] = t.ID
		}
		l := history(nil)
		l.owner, l.ownerOf, l.order.desc = transaction.FieldCorrectsID, corrected, false
		found, err := pages(ctx, r.DB.Read(ctx).Transaction.Query(), l, ids, slice{first: new(pageSizes(ctx).Max)})
		if err != nil {
			return nil, err
		}
		corrections := make(map[*ent.Transaction][]*ent.Transaction, len(transactions))
		for _, t := range transactions {
			corrections[t] = found[t.ID].Nodes()
		}
		return corrections, nil
	})
}
