package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/ent/user"
	"partnerhub/internal/identity"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// cast is who there is: companies, in the first of which things change, and
// people of each, among whom the sockets are shared out.
type cast struct{ companies, people int }

// firm is a company with who works for it, as the clients know it.
type firm struct {
	ID     string
	HubID  string
	Tokens []string
}

// rosterOf is where the list of all firms lies.
func rosterOf(path string) string { return path + ".json" }

// fill writes the companies with one hub each, past all rules, and signs their
// people in.
func fill(ctx context.Context, path string, c cast) error {
	ctx = viewer.System(ctx)
	db, err := store.Open(ctx, store.Options{URL: "sqlite://" + path})
	if err != nil {
		return err
	}
	defer db.Close()
	roster := make([]firm, c.companies)
	for i := range roster {
		if roster[i], err = found(ctx, db, i, c.people); err != nil {
			return err
		}
	}
	text, err := json.Marshal(roster)
	if err != nil {
		return err
	}
	return os.WriteFile(rosterOf(path), text, 0o600)
}

// found writes one company.
func found(ctx context.Context, db *store.DB, i, people int) (firm, error) {
	f, err := store.Do(ctx, db, func(tx *store.Tx) (*firm, error) { return build(ctx, tx, i) })
	if err != nil {
		return firm{}, err
	}
	for n := range people {
		token, err := join(ctx, db, f.ID, fmt.Sprintf("p%d.%d@people.example", i, n))
		if err != nil {
			return firm{}, err
		}
		f.Tokens = append(f.Tokens, token)
	}
	return *f, nil
}

func build(ctx context.Context, tx *store.Tx, i int) (*firm, error) {
	name := fmt.Sprint("Company ", i)
	c, err := tx.Company.Create().SetName(name).SetNameKey(store.Fold(name)).SetCountry("PL").
		SetContactEmail("x@y.example").SetDealerSince(tx.Now).SetCreatedAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, err
	}
	o, err := tx.Object.Create().SetCompanyID(c.ID).SetName("Object").SetNameKey("object").SetSearchKey("object").
		SetCreatedAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, err
	}
	h, err := tx.Hub.Create().SetCompanyID(c.ID).SetObjectID(o.ID).SetName("Hub").SetSearchKey("hub").
		SetSerialNumber(fmt.Sprintf("%08X", i+1)).SetCreatedAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, err
	}
	return &firm{ID: c.ID, HubID: h.ID}, nil
}

// password is everybody's.
const password = "correct horse battery"

// join opens an account, makes its person work for the company, and returns
// the token of a session.
func join(ctx context.Context, db *store.DB, companyID, email string) (token string, err error) {
	if _, err := identity.Register(ctx, db, identity.SignUp{Email: email, Password: password, Name: email}); err != nil {
		return "", err
	}
	_, err = store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		u, err := tx.User.Query().Where(user.Email(email)).Only(ctx)
		if err != nil {
			return nil, err
		}
		if err := tx.User.UpdateOne(u).SetEmailVerifiedAt(tx.Now).Exec(ctx); err != nil {
			return nil, err
		}
		return tx.Employee.Create().SetCompanyID(companyID).SetUserID(u.ID).SetRole(employee.RoleINSTALLER).
			SetStatus(employee.StatusACTIVE).SetInvitedAt(tx.Now).SetJoinedAt(tx.Now.Add(time.Second)).Save(ctx)
	})
	if err != nil {
		return "", err
	}
	entry, err := identity.Enter(ctx, db, identity.SignIn{Email: email, Password: password})
	if err != nil {
		return "", err
	}
	return entry.Token, nil
}
