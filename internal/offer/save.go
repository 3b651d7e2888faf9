package offer

import (
	"context"
	"fmt"
	"maps"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/packageprice"
	"partnerhub/ent/service"
	"partnerhub/ent/servicepackage"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// ErrSIMFixed answers a change of whether a package comes with an Ajax SIM
// while services of it live: their cards would not follow.
var ErrSIMFixed = errs.New(errs.InvalidState, "errorPackageSIMFixed")

// Save creates a package, or changes the one with the code, by the platform
// operator (A43). Of one that exists, what is left out is kept. Names merge by
// language and prices by currency: none can be dropped, and a price that
// differs from the one in force holds from this instant on (A26). An archived
// package takes no new activations, and goes on where it is live.
//
// It fails with the refusals of the form, [authz.ErrForbidden],
// [ErrEnglishName] for a new package, or [ErrSIMFixed].
func Save(ctx context.Context, db *store.DB, in Package) (*ent.ServicePackage, error) {
	c, err := check(in)
	if err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.ServicePackage, error) {
		if err := authz.RequireOperator(ctx); err != nil {
			return nil, err
		}
		present, err := store.Lock(tx, tx.ServicePackage.Query().Where(servicepackage.Code(c.code))).Only(viewer.System(ctx))
		if err != nil && !ent.IsNotFound(err) {
			return nil, fmt.Errorf("look for a package: %w", err)
		}
		var p *ent.ServicePackage
		if present == nil {
			p, err = create(ctx, tx, in, c)
		} else {
			p, err = update(ctx, tx, present, in, c)
		}
		if err != nil {
			return nil, err
		}
		for _, price := range c.prices {
			if err := setPrice(ctx, tx, p, price); err != nil {
				return nil, err
			}
		}
		if len(c.prices) > 0 {
			if err := recount(ctx, tx, p); err != nil {
				return nil, err
			}
		}
		return p, activity.Record(ctx, tx, activity.Entry{
			Action: "servicePackageSave", SubjectID: p.ID, Words: map[string]string{"package": p.Code},
		})
	})
}

func create(ctx context.Context, tx *store.Tx, in Package, c checked) (*ent.ServicePackage, error) {
	if c.names[string(i18n.English)] == "" {
		return nil, ErrEnglishName.On("names")
	}
	create := tx.ServicePackage.Create().SetCode(c.code).SetNames(c.names).SetCreatedAt(tx.Now).
		SetNillableTrialDays(in.TrialDays).SetNillableIncludesSim(in.IncludesSim)
	if in.IsArchived != nil && *in.IsArchived {
		create.SetArchivedAt(tx.Now)
	}
	p, err := create.Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // created at this moment: the retry changes it
	}
	if err != nil {
		return nil, fmt.Errorf("create a package: %w", err)
	}
	return p, nil
}

func update(ctx context.Context, tx *store.Tx, p *ent.ServicePackage, in Package, c checked) (*ent.ServicePackage, error) {
	if in.IncludesSim != nil && *in.IncludesSim != p.IncludesSim {
		live, err := tx.Service.Query().
			Where(service.PackageID(p.ID), service.StatusNEQ(service.StatusENDED)).Exist(viewer.System(ctx))
		if err != nil {
			return nil, fmt.Errorf("look for services: %w", err)
		}
		if live {
			return nil, ErrSIMFixed.On("includesSim").About(errs.State{SubjectID: p.ID})
		}
	}
	names := maps.Clone(p.Names)
	maps.Copy(names, c.names)
	update := p.Update().SetNames(names).SetNillableTrialDays(in.TrialDays).SetNillableIncludesSim(in.IncludesSim)
	if in.IsArchived != nil && *in.IsArchived != (p.ArchivedAt != nil) {
		if *in.IsArchived { // PostgreSQL takes no column both set and cleared
			update.SetArchivedAt(tx.Now)
		} else {
			update.ClearArchivedAt()
		}
	}
	p, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("change a package: %w", err)
	}
	return p, nil
}

// recount counts the fees of resellers anew for which services of the package
// took a step at this very instant, or later on a server whose clock is ahead:
// they were counted by the price before.
func recount(ctx context.Context, tx *store.Tx, p *ent.ServicePackage) error {
	system := viewer.System(ctx)
	resellers, err := tx.Service.Query().Where(service.PackageID(p.ID), service.UpdatedAtGTE(tx.Now)).
		Order(service.ByResellerID()).Unique(true).Select(service.FieldResellerID).Strings(system)
	if err != nil {
		return fmt.Errorf("look for services of this instant: %w", err)
	}
	for _, reseller := range resellers {
		if err := tally.Recount(ctx, tx, reseller); err != nil {
			return err
		}
	}
	return nil
}

// setPrice adds a price from now on, unless it is the one in force. What was
// said before at this very instant is said anew.
func setPrice(ctx context.Context, tx *store.Tx, p *ent.ServicePackage, to price) error {
	ctx = viewer.System(ctx)
	_, err := tx.PackagePrice.Delete().
		Where(packageprice.PackageID(p.ID), packageprice.Currency(to.currency), packageprice.ValidFrom(tx.Now)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take a price back: %w", err)
	}
	inForce, err := tx.PackagePrice.Query().
		Where(packageprice.PackageID(p.ID), packageprice.Currency(to.currency)).
		Order(packageprice.ByValidFrom(sql.OrderDesc())).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("look for a price: %w", err)
	}
	if inForce != nil && inForce.Amount == to.amount {
		return nil
	}
	err = tx.PackagePrice.Create().SetPackageID(p.ID).SetCurrency(to.currency).
		SetAmount(to.amount).SetValidFrom(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set a price: %w", err)
	}
	return nil
}
