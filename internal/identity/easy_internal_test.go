package identity

import "testing"

// A new password is refused that anybody would try first, however it is
// dressed up, and taken where it is anything else.
func TestIsEasy(t *testing.T) {
	about := []string{"jan.kowalski@nightwatch.example", "Jan Kowalski-Żółć"}
	for _, c := range []struct {
		password string
		easy     bool
	}{
		{"password123", true},
		{"P@ssw0rd2026!", true},
		{"passwordpassword", true},
		{"MojeHasło123", true},
		{"hasłohasło1", true},
		{"Warszawa2026", true},
		{"LetMeIn!!!!", true},
		{"1l0v3y0u!!!", true},
		{"summer2026!", true},
		{"SummerSunshine", true},
		{"partner-hub-1", true},
		{"ajaxajaxajax", true},
		{"aaaaaaaaaaaa", true},
		{"abcabcabcabc", true},
		{"1234567890", true},
		{"0987654321", true},
		{"31121999311", true}, // digits alone
		{"qwertyuiop", true},
		{"qwerty123456", true},
		{"1q2w3e4r5t", true},
		{"zaq12wsxzaq1", true},
		{"abcdefghijkl", true},
		{"asdfghjkl;", true},
		{"JanKowalski1", true},
		{"kowalski.jan", true},
		{"nightwatch77", true},
		{"Zolc-Kowalski", true},
		{"!!!!!!!!!!", true},

		{"correct horse battery", false},
		{"staple of a new battery", false},
		{"another password", false},
		{"password number 3", false},
		{"demo-partner-hub", false},
		{"kowalski mag psa i kota", false},
		{"x9$Lq2!vTz", false},
		{"zażółć gęślą jaźń", false},
		{"правильная лошадь", false},
		{"7Q2F-9ZKD-X0WM", false},
		{"3141592653589793", false},
	} {
		if got := isEasy(c.password, about); got != c.easy {
			t.Errorf("%q is easy: %v", c.password, got)
		}
	}
}
