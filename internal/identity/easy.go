package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"partnerhub/ent"
	"partnerhub/internal/errs"
)

// notEasy refuses a new password that anybody would try first. Words are those
// that have to do with the person: name and address.
func notEasy(list *errs.List, password string, words []string, path ...string) {
	if password != "" && isEasy(password, words) {
		list.Add(ErrPasswordEasy.On(path...))
	}
}

// wordsOf are the words that a person is known by.
func wordsOf(u *ent.User) []string { return []string{u.Email, u.Name} }

// isEasy reports a password that is made of nothing but what many use: one
// piece again and again, rows of the keyboard and of the alphabet, digits, or
// at most two common words or words about the person, whatever stands around
// them and whichever letters are written as digits.
func isEasy(password string, about []string) bool {
	s := plain(password)
	if repeats(s) || rest(s) <= 2 || onlyDigits(s) && len(s) < 13 {
		return true
	}
	known := common
	for _, a := range about {
		for _, w := range strings.FieldsFunc(plain(a), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if len(w) > 2 {
				known = append(slices.Clip(known), w)
			}
		}
	}
	isDress := func(r rune) bool { return !unicode.IsLetter(r) }
	readings := []string{
		s, // digits and signs are dress
		strings.Map(lookalike, s),
		strings.Map(lookalike, strings.TrimRightFunc(s, isDress)),
		strings.Map(lookalike, strings.TrimFunc(s, isDress)),
	}
	return slices.ContainsFunc(readings, func(r string) bool {
		text := letters(r)
		return len(text) > 2 && isMadeOf(text, known, 2)
	})
}

// plain is a text without case and without marks on its letters.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'ł', r == 'Ł':
			return 'l'
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return text
}

// lookalike is the letter that a character is often written for.
func lookalike(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '3', '€':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7', '+':
		return 't'
	case '8':
		return 'b'
	case '9':
		return 'g'
	}
	return r
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// repeats reports a text of a piece of at most five characters again and again.
func repeats(s string) bool {
	r := []rune(s)
	for period := 1; period <= 5 && 2*period <= len(r); period++ {
		if slices.Equal(r[period:], r[:len(r)-period]) {
			return true
		}
	}
	return false
}

// rows are what fingers and tongues run along.
var rows = func() []string {
	there := []string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop",
		"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
		"qazwsxedcrfvtgbyhnujmikolp", "zaq1xsw2cde3vfr4bgt5", "zaq12wsx", "!@#$%^&*()", "147258369", "159753", "13579", "24680",
	}
	for _, row := range slices.Clone(there) {
		back := []rune(row)
		slices.Reverse(back)
		there = append(there, string(back))
	}
	return there
}()

// rest is how many characters of a text stand in no row, of at least three, of
// one and the same character or of [rows].
func rest(s string) (n int) {
	for s != "" {
		run := len(s) - len(strings.TrimLeft(s, s[:1]))
		for _, row := range rows {
			for length := min(len(s), len(row)); length > run && length > 2; length-- {
				if strings.Contains(row, s[:length]) {
					run = length
				}
			}
		}
		if run < 3 {
			run = 1
			n++
		}
		s = s[run:]
	}
	return n
}

// isMadeOf reports whether a text is at most so many of the words, one after the
// other.
func isMadeOf(text string, words []string, most int) bool {
	if text == "" {
		return true
	}
	return most > 0 && slices.ContainsFunc(words, func(w string) bool {
		after, found := strings.CutPrefix(text, w)
		return found && isMadeOf(after, words, most-1)
	})
}

// common are words that passwords are made of everywhere, in the languages of
// this platform; what the platform is called is among them.
var common = strings.Fields(`
	password passwort passwd pass pwd haslo mojehaslo trudnehaslo nowehaslo tajne tajnehaslo admin administrator root
	user test tester testing guest demo login logowanie access default changeme change secret secure security letmein
	openup opensesame welcome witaj witam hello hallo hej czesc dziendobry iloveyou ilove love loveyou loveme kocham
	kochamcie kochanie milosc misiek misiaczek mis kotek kot skarb sloneczko slonko zaba zabka myszka mysz niunia my me
	you your the new best super mega extra cool good bad big little old one two qwerty asdf asdfgh zxcv zxcvbn qwe asd
	zxc qaz wsx azerty qwertz keyboard computer komputer internet monkey dragon master shadow sunshine princess football
	baseball basketball soccer hockey superman batman spiderman starwars pokemon pikachu naruto minecraft fortnite killer
	hunter ranger ninja samurai wolf tiger lion eagle falcon charlie michael jordan jennifer jessica ashley daniel andrew
	thomas robert matthew joshua george anthony michal piotr pawel tomasz tomek marcin krzysztof krzysiek andrzej jakub
	kuba mateusz adam lukasz kamil bartek damian anna ania kasia katarzyna magda monika agnieszka basia karolina natalia
	ola aleksandra zuzia julia maria marysia ewa polska poland polak warszawa warsaw krakow gdansk wroclaw poznan lodz
	katowice legia lech widzew wisla europe america london paris berlin summer winter spring autumn fall lato zima wiosna
	jesien january february march april may june july august september october november december styczen luty marzec
	kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien monday tuesday wednesday thursday friday
	saturday sunday poniedzialek wtorek sroda czwartek piatek sobota niedziela money pieniadze freedom wolnosc lucky
	happy szczescie angel aniol aniolek devil diabel jesus jezus god bog maryja mother father mama tata mamusia tatus
	mamatata family rodzina baby dziecko flower kwiatek rose roza purple orange banana chocolate czekolada cookie pepper
	ginger mercedes ferrari porsche audi bmw volvo honda yamaha samsung iphone android google facebook twitter instagram
	windows microsoft apple whatever nothing trustno trustme nevermind company firma biuro office work praca server
	serwer system network router camera kamera partner hub ajax systems services service dealer
	reseller installer alarm alarms ochrona superadmin rootroot temp temporary
`)
