package mail

import (
	_ "embed"
	"html/template"
	"net/url"
	"strings"
	"time"
	"unicode"

	"partnerhub/internal/i18n"
)

// Letter is what a mail says, in one language. The functions that return one
// are the whole of what the server ever writes to anybody.
type Letter struct {
	Subject string
	Text    string // plain text, lines end with "\n"; a code stands alone on its line
	HTML    string // the same as a small page
}

// LinkKind tells what the page behind a link does with its code.
type LinkKind string

// The kinds of links with a code.
const (
	LinkVerify LinkKind = "verify" // confirms an address
	LinkReset  LinkKind = "reset"  // sets a new password
)

// Link returns the address of the page that takes the code. The code stands
// behind the #, so it stays in the browser and out of every server's log.
func Link(publicURL string, kind LinkKind, code string) string {
	return home(publicURL) + "#" + string(kind) + "=" + url.QueryEscape(code)
}

// home returns the address of the server's first page.
func home(publicURL string) string { return strings.TrimRight(publicURL, "/") + "/" }

// draft is a letter before it is set: paragraphs in their order.
type draft struct {
	Language i18n.Language
	Subject  string
	Before   []string // paragraphs above the code
	Code     string   // empty for none
	Button   string   // words on the link
	Link     string
	After    []string // paragraphs below the link
	Sent     string   // why this mail came
}

// write begins a letter: its subject and first paragraph are the texts of the
// name with the suffixes Subject and Text.
func write(l i18n.Language, name string, args map[string]any) *draft {
	d := &draft{Language: l, Subject: oneLine(i18n.Text(l, name+"Subject", args)), Sent: i18n.Text(l, "mailSent", nil)}
	return d.say(name+"Text", args)
}

// say adds a paragraph: above the link while there is none, then below.
func (d *draft) say(id string, args map[string]any) *draft {
	text := i18n.Text(d.Language, id, args)
	if d.Link == "" {
		d.Before = append(d.Before, text)
	} else {
		d.After = append(d.After, text)
	}
	return d
}

// code adds the code, a link that carries it, and how long it is good.
func (d *draft) code(publicURL string, kind LinkKind, code string, valid time.Duration, button string) *draft {
	d.Code = code
	d.link(Link(publicURL, kind, code), button)
	if valid%time.Hour == 0 {
		return d.say("mailValidHours", map[string]any{"count": int(valid / time.Hour)})
	}
	return d.say("mailValidMinutes", map[string]any{"count": int(valid / time.Minute)})
}

func (d *draft) link(address, button string) *draft {
	d.Link, d.Button = address, i18n.Text(d.Language, button, nil)
	return d
}

//go:embed compose.html
var page string

var pageTemplate = template.Must(template.New("mail").Parse(page))

// letter sets the draft as plain text and as a page.
func (d *draft) letter() Letter {
	paragraphs := append([]string{}, d.Before...)
	if d.Code != "" {
		paragraphs = append(paragraphs, d.Code)
	}
	if d.Link != "" {
		paragraphs = append(paragraphs, d.Button+": "+d.Link)
	}
	paragraphs = append(paragraphs, d.After...)
	paragraphs = append(paragraphs, d.Sent)
	var html strings.Builder
	if err := pageTemplate.Execute(&html, d); err != nil {
		panic(err) // the template is part of the program, and a Builder takes all
	}
	return Letter{Subject: d.Subject, Text: strings.Join(paragraphs, "\n\n") + "\n", HTML: html.String()}
}

// maxQuoted is how many characters of a name or a reason a mail repeats.
const maxQuoted = 300

// oneLine makes words that people chose fit to stand in a mail: on one line,
// so that they can feign neither a header nor a code, and not for ever.
func oneLine(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, words)
	runes := []rune(strings.Join(strings.Fields(words), " "))
	if len(runes) > maxQuoted {
		return string(runes[:maxQuoted-1]) + "…"
	}
	return string(runes)
}
