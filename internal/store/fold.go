package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// letters that do not fall apart into a base and a mark.
var letters = strings.NewReplacer("ł", "l", "đ", "d", "ø", "o", "ħ", "h", "ı", "i", "æ", "ae", "œ", "oe")

// longestPattern is more than any key has that is searched in: a name and an
// address, with what letters may become when they are folded. SQLite takes
// patterns of twice that.
const longestPattern = 24_000 // bytes

// Pattern is what LIKE is to look for: the text, or so much of it that nothing
// has it as a part of itself.
func Pattern(s string) string {
	if len(s) <= longestPattern {
		return s
	}
	return strings.ToValidUTF8(s[:longestPattern], "")
}

// Fold makes the text that searches and sortings go by: without case, marks
// and doubled spaces, so that "lodz" finds "Łódź" on every database.
func Fold(s string) string {
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	folded, _, err := transform.String(t, s)
	if err != nil {
		folded = s
	}
	return letters.Replace(strings.Join(strings.Fields(cases.Fold().String(folded)), " "))
}
