// Package demo fills an empty installation with a cast that shows every state:
// two resellers, three dealers, every role, hubs with every tile. It speaks
// the areas' commands as the people of the cast, so nothing in it is anything
// that they could not have done.
package demo

import (
	"context"
	"fmt"
	"io"
	"strings"

	"partnerhub/ent/user"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Password is everybody's.
const Password = "demo-partner-hub"

// OperatorEmail is the platform operator's, where the configuration names
// nobody else.
const OperatorEmail = "operator@platform.example"

// stage is where the cast plays.
type stage struct {
	db       *store.DB
	rights   authz.Table
	operator string // e-mail
}

// Fill plays the cast into an empty database, and reports whether the cast is
// there, from now or from before. A database with other people in it is left
// alone.
func Fill(ctx context.Context, db *store.DB, rights authz.Table, operatorEmail string) (present bool, err error) {
	people, err := db.Read(ctx).User.Query().Count(viewer.System(ctx))
	if err != nil {
		return false, fmt.Errorf("look for people: %w", err)
	}
	if people > 0 {
		return db.Read(ctx).User.Query().Where(user.Email(olga)).Exist(viewer.System(ctx))
	}
	s := stage{db: db, rights: rights, operator: operatorEmail}
	if err := s.play(ctx); err != nil {
		return false, fmt.Errorf("fill the demo: %w", err)
	}
	return true, s.tidy(ctx)
}

// tidy takes back what would reach out of the demo, or only its making needed:
// letters to people who do not exist, and their sessions.
func (s stage) tidy(ctx context.Context) error {
	ctx = viewer.System(ctx)
	_, err := store.Do(ctx, s.db, func(tx *store.Tx) (int, error) {
		if _, err := tx.Mail.Delete().Exec(ctx); err != nil {
			return 0, err
		}
		return tx.Session.Delete().Exec(ctx)
	})
	return err
}

// Print tells who can sign in.
func Print(w io.Writer, url, operatorEmail string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe demo cast is ready. Open %s and sign in, everybody with the password %s:\n\n", url, Password)
	for _, p := range cast(operatorEmail) {
		fmt.Fprintf(&b, "  %-34s %s\n", p.email, p.part)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// part is one person of the cast.
type part struct{ name, email, part string }

// Everybody, by a short name.
const (
	olga, simon, mia, ivan    = "olga@nightwatch.example", "simon@nightwatch.example", "mia@nightwatch.example", "ivan@nightwatch.example"
	sara, alan                = "sara@safehomes.example", "alan@alarmbrothers.example"
	carol, magda, piotr, gert = "carol@centralstation.example", "magda@centralstation.example", "piotr@centralstation.example", "gert@guardian.example"
)

func cast(operatorEmail string) []part {
	return []part{
		{"Olga Nowak", olga, "owner of the dealer Night Watch: start here"},
		{"Simon Reed", simon, "senior service manager of Night Watch"},
		{"Mia Wolska", mia, "service manager of Night Watch, invited to Safe Homes"},
		{"Ivan Petrov", ivan, "installer of Night Watch"},
		{"Sara Lindqvist", sara, "owner of the dealer Safe Homes"},
		{"Alan Kowalski", alan, "owner of the dealer Alarm Brothers, whose connection is suspended"},
		{"Carol Baker", carol, "owner of the reseller Central Station"},
		{"Magda Zielińska", magda, "senior service manager of Central Station"},
		{"Piotr Wiśniewski", piotr, "service manager of Central Station"},
		{"Gert Vogel", gert, "owner of the reseller Guardian Monitoring"},
		{"Platform operator", operatorEmail, "runs the platform"},
	}
}
