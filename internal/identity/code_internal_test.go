package identity

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/mailcode"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func TestCode_Form(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := newCode()
		if !form.MatchString(code) || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
	}
}

// People leave dashes out, and take some characters for others.
func TestCode_Typed(t *testing.T) {
	want := hashOfCode("7Q2F-10KD-X0WM-1T6B")
	for typed, same := range map[string]bool{
		"7Q2F10KDX0WM1T6B": true, "7q2f-10kd-x0wm-1t6b": true, "7Q2F 10KD X0WM 1T6B": true,
		"7Q2F-IOKD-XOWM-LT6B": true, "7Q2F-10KD-X0WM-1T6C": false, "": false,
	} {
		if (hashOfCode(typed) == want) != same {
			t.Errorf("%q: the same is %v", typed, !same)
		}
	}
}

// give gives a person a code for a purpose.
func give(t *testing.T, db *store.DB, u *ent.User, purpose mailcode.Purpose, life time.Duration) string {
	t.Helper()
	return write(t, db, func(ctx context.Context, tx *store.Tx) (string, error) { return issue(ctx, tx, u, purpose, life) })
}

// take uses a code up and returns the person's address.
func take(ctx context.Context, db *store.DB, purpose mailcode.Purpose, code string) (string, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (string, error) {
		u, err := redeem(ctx, tx, purpose, code)
		if err != nil {
			return "", err
		}
		return u.Email, nil
	})
}

func TestCode(t *testing.T) {
	db, _ := open(t)
	jan, eve := person(t, db, "jan@example.pl", false), person(t, db, "eve@example.pl", false)
	const verify, reset = mailcode.PurposeVERIFY_EMAIL, mailcode.PurposeRESET_PASSWORD
	replaced := give(t, db, jan, verify, time.Hour)
	good := give(t, db, jan, verify, time.Hour)
	late := give(t, db, jan, reset, -time.Second)
	hers := give(t, db, eve, verify, time.Hour)
	for _, c := range []struct {
		name    string
		purpose mailcode.Purpose
		code    string
		whose   string // "" where it is refused
	}{
		{"never given out", verify, newCode(), ""},
		{"empty", verify, "", ""},
		{"replaced by a newer one", verify, replaced, ""},
		{"too old", reset, late, ""},
		{"for another purpose", reset, good, ""},
		{"good", verify, strings.ToLower(good), jan.Email},
		{"used", verify, good, ""},
		{"somebody else's", verify, hers, eve.Email},
	} {
		email, err := take(t.Context(), db, c.purpose, c.code)
		if email != c.whose || (c.whose == "") != errors.Is(err, ErrCode) {
			t.Errorf("%s: %q, %v", c.name, email, err)
		}
	}
}

// Of many who use a code at the same moment, one can.
func TestCode_AtTheSameMoment(t *testing.T) {
	db, _ := open(t)
	code := give(t, db, person(t, db, "jan@example.pl", false), mailcode.PurposeVERIFY_EMAIL, time.Hour)
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch _, err := take(t.Context(), db, mailcode.PurposeVERIFY_EMAIL, code); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, ErrCode):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || refused.Load() != 19 {
		t.Errorf("%d took it, %d were refused", taken.Load(), refused.Load())
	}
}

func TestSweep(t *testing.T) {
	db, _ := open(t)
	jan, eve := person(t, db, "jan@example.pl", true), person(t, db, "eve@example.pl", true)
	for _, u := range []*ent.User{jan, eve} {
		begin(t, db, u, now().Add(-time.Second), now())
		begin(t, db, u, now().Add(time.Hour), now())
		give(t, db, u, mailcode.PurposeVERIFY_EMAIL, -time.Second)
		give(t, db, u, mailcode.PurposeRESET_PASSWORD, time.Hour)
	}
	if n, err := Sweep(t.Context(), db); n != 4 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	ctx := viewer.System(t.Context())
	if sessions, codes := db.Read(ctx).Session.Query().CountX(ctx), db.Read(ctx).MailCode.Query().CountX(ctx); sessions != 2 || codes != 2 {
		t.Errorf("%d sessions and %d codes left", sessions, codes)
	}
}
