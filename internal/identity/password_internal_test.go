package identity

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/errs"
	"partnerhub/internal/form"
)

func TestPassword(t *testing.T) {
	kept, err := hashPassword(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") || len(strings.Split(kept, "$")) != 6 {
		t.Errorf("kept as %q", kept)
	}
	if again, _ := hashPassword(t.Context(), "correct horse battery"); again == kept {
		t.Error("two hashes of one password are alike")
	}
	for password, want := range map[string]bool{
		"correct horse battery": true, "Correct horse battery": false, "correct horse battery ": false, "": false,
	} {
		if ok, err := isPassword(t.Context(), password, kept); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
		if ok, err := isPassword(t.Context(), password, nobodysHash); ok || err != nil {
			t.Errorf("%q is nobody's: %v, %v", password, ok, err)
		}
	}
}

// A hash made by another program, with other cost, is read as its form says.
func TestPassword_OtherCost(t *testing.T) {
	// One of the vectors by which argon2 programs are told to be right.
	const kept = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := isPassword(t.Context(), "password", kept); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestPassword_UnknownForm(t *testing.T) {
	for _, kept := range []string{
		"", "x", "$2a$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=16$m=19456,t=2,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=19456$AAAA$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$?$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$?",
	} {
		if ok, err := isPassword(t.Context(), "password", kept); ok || !errors.Is(err, errHash) {
			t.Errorf("%q: %v, %v", kept, ok, err)
		}
	}
}

func TestNewPassword(t *testing.T) {
	for password, want := range map[string]*errs.Error{
		"1234567890": nil, "żółw żółw!": nil, "          ": nil, strings.Repeat("x", MaxPassword): nil,
		"": form.ErrRequired, "123456789": ErrPasswordShort, "żółwżółwż": ErrPasswordShort,
		strings.Repeat("x", MaxPassword+1): ErrPasswordLong, "1234567890\xff": form.ErrInvalid,
	} {
		var list errs.List
		got := newPassword(&list, password, "password")
		if want == nil && (list.Err() != nil || got != password) {
			t.Errorf("%.20q: %v", password, list)
		}
		if want != nil && (len(list) != 1 || !errors.Is(list, want) || list[0].Path[1] != "password" || got != "") {
			t.Errorf("%.20q: %v, want %v", password, list, want)
		}
	}
}

// The same letters from different keyboards are the same password.
func TestPassword_Normalised(t *testing.T) {
	var list errs.List
	composed := newPassword(&list, "zażółć gęślą", "password")
	decomposed := enteredPassword(&list, "zaz\u0307o\u0301łc\u0301 ge\u0328s\u0301la\u0328", "password")
	if composed != decomposed || list.Err() != nil {
		t.Errorf("%q and %q, %v", composed, decomposed, list)
	}
}

// occupy takes every place where hashes are made until the test ends.
func occupy(t *testing.T) {
	t.Helper()
	places := int64(runtime.GOMAXPROCS(0))
	if err := hashing.Acquire(t.Context(), places); err != nil {
		t.Fatal(err)
	}
	if hashing.TryAcquire(1) {
		t.Fatal("more hashes are made at once than there are cores")
	}
	t.Cleanup(func() { hashing.Release(places) })
}

// Whether an address has an account, its answer waits for a hash: with no core
// free none of these comes.
func TestHashing_WhoeverAsks(t *testing.T) {
	db, _ := open(t)
	if _, err := Register(t.Context(), db, SignUp{Email: "jan@example.pl", Password: "correct horse battery", Name: "Jan"}); err != nil {
		t.Fatal(err)
	}
	occupy(t)
	for name, ask := range map[string]func(context.Context) error{
		"sign in as somebody": func(ctx context.Context) error {
			_, err := Enter(ctx, db, SignIn{Email: "jan@example.pl", Password: "wrong horse"})
			return err
		},
		"sign in as nobody": func(ctx context.Context) error {
			_, err := Enter(ctx, db, SignIn{Email: "eve@example.pl", Password: "wrong horse"})
			return err
		},
		"sign up anew": func(ctx context.Context) error {
			_, err := Register(ctx, db, SignUp{Email: "eve@example.pl", Password: "correct horse battery", Name: "Eve"})
			return err
		},
		"sign up once more": func(ctx context.Context) error {
			_, err := Register(ctx, db, SignUp{Email: "jan@example.pl", Password: "correct horse battery", Name: "Jan"})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// Answers that must not tell whether an address has an account come on a beat.
func TestSteadily(t *testing.T) {
	db, _ := open(t)
	for _, email := range []string{"new@example.pl", "open@example.pl", "confirmed@example.pl"} {
		if _, err := Register(t.Context(), db, SignUp{Email: email, Password: "correct horse battery", Name: "Jan"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, email := range []string{"open@example.pl", "confirmed@example.pl", "nobody@example.pl"} {
		for name, ask := range map[string]func() error{
			"another code":   func() error { return Resend(t.Context(), db, VerificationResend{Email: email}) },
			"a new password": func() error { return RequestReset(t.Context(), db, PasswordResetRequest{Email: email}) },
		} {
			begun := time.Now()
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took < beat {
				t.Errorf("%s for %s took %v", name, email, took)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		if _, err := hashPassword(b.Context(), "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
