package model

// Figures are a reseller's figures (A17, A18, A38, A42).
type Figures struct {
	Accounts, Dealers int
	MonthlyFee        int64
	Shares            []Share
	NextMonth         Month
	NextLines         []Line
	NextAmount        int64
}

// Share is a dealer's part of the figures with one package.
type Share struct {
	Dealer                *Company
	Package               *Package
	Accounts, Trial, Paid int
	MonthlyFee            int64
}

// Figures works out the figures of a reseller as of now.
func (w *World) Figures(reseller *Company) (f Figures) {
	running := w.MonthOf(w.Now)
	for _, dealer := range w.Companies {
		had := f.Accounts
		for _, p := range w.Packages {
			share := Share{Dealer: dealer, Package: p}
			for _, s := range w.Services {
				if s.Reseller == reseller && s.Dealer == dealer && s.Package == p && !s.Over {
					w.count(&share, s, running)
				}
			}
			if share.Accounts > 0 {
				f.Shares = append(f.Shares, share)
				f.Accounts += share.Accounts
				f.MonthlyFee += share.MonthlyFee
			}
		}
		if f.Accounts > had {
			f.Dealers++
		}
	}
	f.NextMonth = reseller.Account.Charged.Add(1)
	f.NextLines = w.Due(reseller, f.NextMonth)
	for _, l := range f.NextLines {
		f.NextAmount += l.Amount
	}
	return f
}

// count adds a live account to its share: on trial, or paying what it pays for
// the running month; one that is paused has the price of the month's beginning.
func (w *World) count(share *Share, s *Service, running Month) {
	share.Accounts++
	if s.TrialEnd != nil && w.Now.Before(*s.TrialEnd) {
		share.Trial++
		return
	}
	share.Paid++
	fee, _, ok := w.fee(s, running)
	if !ok {
		fee = s.Package.at(s.Reseller.Account.Currency, w.Start(running))
	}
	share.MonthlyFee += fee
}
