package identity

import (
	"math/big"
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestToken(t *testing.T) {
	form := regexp.MustCompile(`^hubs_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 1000 {
		token := newToken(sessionPrefix)
		if !form.MatchString(token) || !isToken(sessionPrefix, token) {
			t.Fatalf("token %q", token)
		}
		if isToken("hubp_", token) {
			t.Fatalf("%q passes for a token of another kind", token)
		}
		if seen[token] {
			t.Fatalf("%q came twice", token)
		}
		seen[token] = true
	}
}

// A token with any character changed, dropped or added is refused.
func TestToken_Damaged(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-ł"
	rapid.Check(t, func(t *rapid.T) {
		token := newToken(sessionPrefix)
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		other := rapid.SampledFrom([]rune(alphabet)).Draw(t, "other")
		if string(other) != token[at:at+1] && isToken(sessionPrefix, token[:at]+string(other)+token[at+1:]) {
			t.Fatalf("%q passes with %q at %d", token, other, at)
		}
		if isToken(sessionPrefix, token[:at]+token[at+1:]) || isToken(sessionPrefix, token[:at]+string(other)+token[at:]) {
			t.Fatalf("%q passes shorter or longer", token)
		}
	})
	for _, garbage := range []string{"", "hubs_", "hubs_x", "Bearer hubs_"} {
		if isToken(sessionPrefix, garbage) {
			t.Errorf("%q passes", garbage)
		}
	}
}

func TestDigits(t *testing.T) {
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	if s := digits(most, secretDigits); len(s) != secretDigits {
		t.Errorf("256 bits make %d digits", len(s))
	}
	if s := digits(big.NewInt(1<<32-1), checksumDigits); len(s) != checksumDigits {
		t.Errorf("a checksum makes %d digits", len(s))
	}
	if s := digits(big.NewInt(0), 3); s != "000" {
		t.Errorf("zero is %q", s)
	}
}
