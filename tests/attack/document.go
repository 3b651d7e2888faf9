package attack

import (
	"context"
	"fmt"
	"strings"
)

// quoted is a document as a JSON body.
func quoted(document string) string {
	return `{"query":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(document) + `"}`
}

// refuses is an attack by one document, which is refused as a whole.
func refuses(name, sends, stops, code string, document func() string) Attack {
	return Attack{
		Name: name, Sends: sends, Happens: code, Stops: stops,
		Run: func(ctx context.Context, t *Target) error { return t.post(ctx, quoted(document())).is(400, code) },
	}
}

const (
	tooMuch = "COMPLEXITY_LIMIT_EXCEEDED"
	invalid = "GRAPHQL_VALIDATION_FAILED"
	noText  = "GRAPHQL_PARSE_FAILED"
)

// documents misuse the language of queries.
var documents = []Attack{
	refuses("parser-stack", "the 71 bytes that end a stock server: lists without end", "nesting", tooMuch, func() string {
		return "{ a(b: " + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + ") }"
	}),
	refuses("nesting", "10,000 selections within each other", "nesting, document-tokens", tooMuch, func() string {
		return strings.Repeat("{a", 10000) + strings.Repeat("}", 10000)
	}),
	refuses("aliases", "13,000 aliases, as many as fit in a body", "document", tooMuch, func() string {
		var b strings.Builder
		for i := range 13000 {
			fmt.Fprintf(&b, "a%d:__typename ", i)
		}
		return "{" + b.String() + "}"
	}),
	refuses("few-aliases", "31 aliases", "aliases", tooMuch, func() string {
		var b strings.Builder
		for i := range 31 {
			fmt.Fprintf(&b, "a%d:__typename ", i)
		}
		return "{" + b.String() + "}"
	}),
	refuses("same-field", "a field 1,900 times over", "same-field", tooMuch, func() string {
		return "{" + strings.Repeat(" __typename", 1900) + "}"
	}),
	refuses("fragment-bomb", "30 fragments, each of which spreads the next twice", "spreads, fields", tooMuch, func() string {
		var b strings.Builder
		b.WriteString("{ ...f0 }")
		for i := range 29 {
			fmt.Fprintf(&b, " fragment f%d on Query { ...f%d ...f%d }", i, i+1, i+1)
		}
		b.WriteString(" fragment f29 on Query { __typename }")
		return b.String()
	}),
	refuses("circular-fragments", "fragments that spread each other", "fragments may not be circular", invalid, func() string {
		return "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
	}),
	refuses("directives", "900 directives on a field", "directives", tooMuch, func() string {
		return "{ __typename " + strings.Repeat("@a", 900) + "}"
	}),
	refuses("comments", "31 KB of comments, a line each", "document-tokens", tooMuch, func() string {
		return strings.Repeat("#\n", 15000) + "{ __typename }"
	}),
	refuses("depth", "20 fields within each other", "depth", tooMuch, func() string {
		return "{ viewer {" + strings.Repeat("employments { nodes { company { employees { nodes { user {", 4) + "id" + strings.Repeat("}}}}}}", 4) + "}}"
	}),
	refuses("pages", "pages of 100 within pages of 100", "cost", tooMuch, func() string {
		return "{ viewer { employments(first: 100) { nodes { company { objects(first: 100) { nodes { hubs(first: 100) { nodes { id } } } } } } } } }"
	}),
	refuses("operations", "400 operations in a document, none of them named in the request", "operationName", invalid, func() string {
		var b strings.Builder
		for i := range 400 {
			fmt.Fprintf(&b, "query q%d{__typename}", i)
		}
		return b.String()
	}),
	refuses("unknown-names", "fields, types, arguments, variables and fragments that do not exist, with a secret for their names", "at most 8 errors; nothing is repeated", invalid, func() string {
		return strings.ReplaceAll(`query($?: ?!) { ? viewer(?: $?) { ...? ... on ? { ? } id @? } __type(name: ?) { ? } }`, "?", Mark)
	}),
	refuses("no-document", "a string that does not end", "the form of documents", noText, func() string { return `{ a(b: "` + Mark }),
	refuses("block-string", "a block string of 15,000 lines", "document", tooMuch, func() string {
		return `{ __type(name: """` + strings.Repeat("\n x", 15000) + `""") { name } }`
	}),
	refuses("definitions", "types and schema extensions instead of operations", "the form of documents", noText, func() string {
		return strings.Repeat("type "+Mark+" { a } ", 10)
	}),
	refuses("defer", "@defer and @stream", "neither is supported", invalid, func() string { return "{ ... @defer { viewer { id } } }" }),
	refuses("conflicts", "fields with one name and other arguments, over and over", "same-field, rules of merging", tooMuch, func() string {
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, ` a: __type(name: "%d") { name }`, i)
		}
		return "{" + b.String() + "}"
	}),
	refuses("introspection-names", "the schema's lists under many names at once", "introspection under one name", invalid, func() string {
		var schemas, lists strings.Builder
		for i := range 10 {
			fmt.Fprintf(&schemas, "s%d: __schema { types { ...T } } ", i)
			fmt.Fprintf(&lists, "f%d: fields { type { kind ofType { kind } } args { type { kind ofType { kind } } } } ", i)
		}
		return "{" + schemas.String() + "} fragment T on __Type {" + lists.String() + "}"
	}),
	refuses("introspection-bomb", "fields of types of fields of types …", "depth of introspection", invalid, func() string {
		return "{ __schema { types {" + strings.Repeat("fields { type {", 6) + "name" + strings.Repeat("}}", 6) + "}}}"
	}),
	{
		Name: "introspection-flood", Sends: "the whole schema 5 times at once, by new documents", Happens: "answered", Stops: "documents are kept by their size",
		Run: func(ctx context.Context, t *Target) error {
			return together(5, func(i int) error {
				return t.ask(ctx, fmt.Sprintf("query q%d { __schema { types { name kind description fields(includeDeprecated: true) { name description args { name type { name } } type { name kind ofType { name } } } inputFields { name } enumValues { name } } } }", i), nil).is(200, "")
			})
		},
	},
	{
		Name: "new-documents", Sends: "200 documents that differ in a name", Happens: "answered; only so many are kept", Stops: "document-cache",
		Run: func(ctx context.Context, t *Target) error {
			for i := range 200 {
				if err := t.ask(ctx, fmt.Sprintf("query n%d { __typename # %s\n }", i, strings.Repeat("x", 2000)), nil).is(200, ""); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "persisted-poison", Sends: "a persisted query under the hash of another, hashes that are none", Happens: "refused", Stops: "the hash is checked",
		Run: func(ctx context.Context, t *Target) error {
			persisted := func(hash, query string) reply {
				return t.post(ctx, `{`+query+`"extensions":{"persistedQuery":{"version":1,"sha256Hash":`+hash+`}}}`)
			}
			const zero = `"0000000000000000000000000000000000000000000000000000000000000000"`
			if err := persisted(zero, "").isOneOf(200, 400); err != nil {
				return err
			}
			for _, hash := range []string{zero, `"` + Mark + `"`, `1`, `null`, `{"a":1}`} {
				r := persisted(hash, `"query":"{ viewer { id } }",`)
				if r.at("viewer") != nil && hash != "null" {
					return fmt.Errorf("%s was taken: %s", hash, r.body)
				}
				if err := r.isOneOf(200, 400); err != nil {
					return err
				}
			}
			r := persisted(zero, "")
			if len(r.codes()) == 0 || r.codes()[0] != "PERSISTED_QUERY_NOT_FOUND" {
				return fmt.Errorf("the text was kept under a hash that is not its own: %s", r.body)
			}
			return nil
		},
	},
	{
		Name: "operation-name", Sends: "a name of 100 KB for the operation to run", Happens: invalid, Stops: "http-body; nothing is repeated",
		Run: func(ctx context.Context, t *Target) error {
			return t.post(ctx, `{"query":"query a { __typename }","operationName":"`+strings.Repeat(Mark, 10000)+`"}`).is(400, invalid)
		},
	},
}
