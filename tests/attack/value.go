package attack

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// survives fails on faults of the server, and on what is no answer. codes are
// those the errors may have.
func (r reply) survives(codes ...string) error {
	if r.err != nil {
		return r.err
	}
	for _, got := range r.codes() {
		ok := false
		for _, c := range codes {
			ok = ok || c == got
		}
		if !ok {
			return fmt.Errorf("%s is not one of %v: %.500s", got, codes, r.body)
		}
	}
	return r.isOneOf(200, 400)
}

const bad = "BAD_USER_INPUT"

// values misuse what stands in arguments.
var values = []Attack{
	{
		Name: "page-size", Sends: "first of 2,147,483,647, −1 and 10^18", Happens: "BAD_USER_INPUT", Stops: "page-size",
		Run: func(ctx context.Context, t *Target) error {
			for _, n := range []string{"101", "2147483647", "-1", "-2147483648", "1000000000000000000", "99999999999999999999999"} {
				r := t.post(ctx, quoted(`{ resellers(country: "PL", first: `+n+`) { totalCount } }`))
				if err := r.survives(bad, tooMuch, invalid); err != nil || len(r.codes()) == 0 {
					return fmt.Errorf("%s: %w %s", n, err, r.body)
				}
			}
			return nil
		},
	},
	{
		Name: "nodes", Sends: "101 ids, ids of 10 KB, of other things, with wildcards and null bytes", Happens: "BAD_USER_INPUT, or null for each", Stops: "nodes",
		Run: func(ctx context.Context, t *Target) error {
			if err := t.ask(ctx, echo, vars{"ids": strings.Split(strings.Repeat("a,", 100)+"a", ",")}).survives(bad, tooMuch); err != nil {
				return err
			}
			ids := []string{strings.Repeat("hub_", 2500), "%", "hub_%", "' OR '1'='1", "hub_" + Mark, "", "-1", "hub_ffffffffffffffffffffffffffffffff", "system", "🦊"}
			return t.ask(ctx, echo, vars{"ids": ids}).is(200, "")
		},
	},
	{
		Name: "long-arguments", Sends: "a list of 4,800 values for ten fields of each of 100 things", Happens: "COMPLEXITY_LIMIT_EXCEEDED", Stops: "cost: each 100 values of an argument count",
		Run: func(ctx context.Context, t *Target) error {
			var fields strings.Builder
			for i := range 10 {
				fmt.Fprintf(&fields, "h%d: hubs(first: 0, filter: {country: $c}) { totalCount } ", i)
			}
			return t.ask(ctx, "query($ids: [ID!]!, $c: [CountryCode!]) { nodes(ids: $ids) { ...on Company { "+fields.String()+"} } }", vars{
				"ids": slices.Repeat([]string{t.CompanyID}, 100), "c": slices.Repeat([]string{"PL"}, 4800),
			}).is(400, tooMuch)
		},
	},
	{
		Name: "repeated-values", Sends: "a filter with one tile 4,900 times", Happens: "answered as with one", Stops: "each is asked for once",
		Run: func(ctx context.Context, t *Target) error {
			r := t.ask(ctx, `query($id: ID!, $t: [TileKind!]) { company(id: $id) { hubs(filter: {tile: $t}) { totalCount } objects(filter: {tile: $t}) { totalCount } } }`, vars{
				"id": t.CompanyID, "t": slices.Repeat([]string{"UNAVAILABLE"}, 4900),
			})
			return r.survives()
		},
	},
	{
		Name: "cursors", Sends: "cursors that nobody was given: empty, huge, of other lists, with SQL in them", Happens: "BAD_USER_INPUT", Stops: "cursors are checked",
		Run: func(ctx context.Context, t *Target) error {
			for _, c := range []string{Mark, strings.Repeat("A", 100<<10), "null", base64.StdEncoding.EncodeToString([]byte(`{"id":"' OR 1=1 --"}`)), base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("[", 10000))), "AAAA", "///"} {
				for _, list := range []string{"objects", "hubs", "employees", "activities", "resellerConnections", "services"} {
					r := t.ask(ctx, `query($id: ID!, $c: String) { company(id: $id) { `+list+`(first: 1, after: $c) { totalCount nodes { id } } } }`, vars{"id": t.CompanyID, "c": c})
					if err := r.survives(bad); err != nil || len(r.codes()) == 0 {
						return fmt.Errorf("%.20q in %s: %w %.300s", c, list, err, r.body)
					}
				}
			}
			return nil
		},
	},
	{
		Name: "search", Sends: "% and _, 100 KB of text, wildcards over wildcards, combining marks", Happens: "what has it in its name, mostly nothing", Stops: "wildcards are text; variables",
		Run: func(ctx context.Context, t *Target) error {
			for _, s := range []string{"%", "_", `\`, "%_%_%_%_%_%", strings.Repeat("%a", 20000), strings.Repeat("ą́", 10000), "' OR 1=1 --", "*", strings.Repeat("(", 1000), "ﷺ"} {
				r := t.ask(ctx, `query($id: ID!, $s: String) { company(id: $id) { objects(filter: {search: $s}) { totalCount } hubs(filter: {search: $s}) { totalCount } } }`, vars{"id": t.CompanyID, "s": s})
				if err := r.survives(bad); err != nil {
					return fmt.Errorf("%.20q: %w", s, err)
				}
				if n, _ := r.at("company", "objects", "totalCount").(float64); n > 0 && (s == "%" || s == "_" || s == "*") {
					return fmt.Errorf("%q finds %v objects", s, n)
				}
			}
			return nil
		},
	},
	{
		Name: "order", Sends: "fields to order by that are none, SQL for a direction", Happens: "refused", Stops: "enums",
		Run: func(ctx context.Context, t *Target) error {
			for _, o := range []vars{{"field": "name; DROP TABLE hubs", "direction": "ASC"}, {"field": Mark, "direction": "ASC"}, {"field": "NAME", "direction": "ASC, (SELECT 1)"}, {"field": 1, "direction": 2}} {
				if err := t.ask(ctx, `query($id: ID!, $o: HubOrder) { company(id: $id) { hubs(orderBy: $o) { totalCount } } }`, vars{"id": t.CompanyID, "o": o}).is(400, bad); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "huge-texts", Sends: "names, addresses, reasons and serial numbers of 100 KB", Happens: "INVALID in userErrors", Stops: "each field has its length",
		Run: func(ctx context.Context, t *Target) error {
			long := strings.Repeat("ł", 50<<10)
			r := t.ask(ctx, `mutation($i: ObjectCreateInput!) { objectCreate(input: $i) { object { id } userErrors { code message } } }`, vars{"i": vars{"companyId": t.CompanyID, "name": long, "address": "a"}})
			if r.at("objectCreate", "object") != nil || r.at("objectCreate", "userErrors", 0, "code") != "INVALID" {
				return fmt.Errorf("%.300s", r.body)
			}
			r = t.ask(ctx, `mutation($i: HubUpdateInput!) { hubUpdate(input: $i) { hub { id } userErrors { code message } } }`, vars{"i": vars{"hubId": t.HubID, "name": long}})
			if r.at("hubUpdate", "userErrors", 0, "code") != "INVALID" {
				return fmt.Errorf("%.300s", r.body)
			}
			return nil
		},
	},
	{
		Name: "split-names", Sends: "line breaks, control characters and turned writing in names", Happens: "INVALID in userErrors", Stops: "characters of a text are checked",
		Run: func(ctx context.Context, t *Target) error {
			for _, name := range []string{"a\r\nSet-Cookie: x=1", "a\nBcc: eve@example.com", "a\u202egnp.exe", "a\x1b[2J", "a\u2028b"} {
				r := t.ask(ctx, `mutation($i: ObjectCreateInput!) { objectCreate(input: $i) { object { id } userErrors { code } } }`, vars{"i": vars{"companyId": t.CompanyID, "name": name, "address": "a"}})
				if r.header.Get("Set-Cookie") != "" || r.at("objectCreate", "userErrors", 0, "code") != "INVALID" {
					return fmt.Errorf("%q: %s", name, r.body)
				}
			}
			return nil
		},
	},
	{
		Name: "dates", Sends: "the years 0, 9999 and 99999, the 30th of February, offsets of 99 hours", Happens: "BAD_USER_INPUT, or nothing found", Stops: "RFC 3339",
		Run: func(ctx context.Context, t *Target) error {
			for _, d := range []string{"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "99999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+99:00", "2026-01-01T25:00:00Z", Mark, strings.Repeat("9", 50000), "2026-01-01T00:00:00." + strings.Repeat("9", 50000) + "Z"} {
				r := t.ask(ctx, `query($id: ID!, $at: DateTime) { company(id: $id) { objects(filter: {createdAt: {gte: $at}}) { totalCount } } }`, vars{"id": t.CompanyID, "at": d})
				if err := r.survives(bad); err != nil {
					return fmt.Errorf("%.30s: %w", d, err)
				}
			}
			return nil
		},
	},
	{
		Name: "amounts", Sends: "amounts such as 1e400, NaN, −0, 10,000 digits", Happens: "INVALID or FORBIDDEN in userErrors", Stops: "amounts are decimals of a currency",
		Run: func(ctx context.Context, t *Target) error {
			for _, a := range []string{"1e400", "NaN", "Infinity", "-0", "0x10", strings.Repeat("9", 10000), "1." + strings.Repeat("0", 10000) + "1", Mark, "١٢"} {
				r := t.ask(ctx, `mutation($i: BalanceReplenishInput!) { balanceReplenish(input: $i) { transaction { id } userErrors { code message } } }`,
					vars{"i": vars{"resellerId": t.CompanyID, "amount": vars{"amount": a, "currency": "EUR"}, "idempotencyKey": a[:min(len(a), 60)]}})
				if r.at("balanceReplenish", "transaction") != nil {
					return fmt.Errorf("%.20s was booked", a)
				}
				if err := r.survives(bad); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "unknown-fields", Sends: "the password as a name that does not exist", Happens: "BAD_USER_INPUT, without the name", Stops: "nothing is repeated",
		Run: func(ctx context.Context, t *Target) error {
			return t.send(ctx, request{nobody: true, body: `{"query":"mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken } }","variables":{"input":{"email":"a@b.example","` + Mark + `":"x"}}}`}).is(400, bad)
		},
	},
	{
		Name: "foreign-ids", Sends: "ids of other companies in queries and mutations", Happens: "null, NOT_FOUND", Stops: "visibility policies; tests/isolation tries all",
		Run: func(ctx context.Context, t *Target) error {
			if r := t.ask(ctx, `query { company(id: "com_00000000000000000000000000000000") { name } }`, nil); r.at("company") != nil {
				return errors.New(r.body)
			}
			r := t.ask(ctx, `mutation { hubUpdate(input: {hubId: "hub_00000000000000000000000000000000", name: "x"}) { hub { id } userErrors { code } } }`, nil)
			if r.at("hubUpdate", "userErrors", 0, "code") != "NOT_FOUND" {
				return errors.New(r.body)
			}
			return nil
		},
	},
	{
		Name: "parallel-sign-ins", Sends: "100 sign-ins at once with wrong passwords", Happens: "refused one after another, without more memory", Stops: "one hash for each core at a time, tries of an address", Heavy: true,
		Run: func(ctx context.Context, t *Target) error {
			return together(100, func(i int) error {
				r := t.send(ctx, request{nobody: true, body: fmt.Sprintf(`{"query":"mutation($e: EmailAddress!) { userSignIn(input: {email: $e, password: \"wrong password %d\"}) { sessionToken userErrors { code } } }","variables":{"e":"eve%d@strangers.example"}}`, i, i)})
				if r.at("userSignIn", "sessionToken") != nil {
					return errors.New("signed in")
				}
				return r.isOneOf(200, 429, 503, 504)
			})
		},
	},
	{
		Name: "long-password", Sends: "a password of 100 KB", Happens: "refused before it is hashed", Stops: "the length of a password",
		Run: func(ctx context.Context, t *Target) error {
			r := t.send(ctx, request{nobody: true, body: `{"query":"mutation($p: String!) { userSignIn(input: {email: \"` + t.Email + `\", password: $p}) { sessionToken userErrors { code } } }","variables":{"p":"` + strings.Repeat("p", 100<<10) + `"}}`})
			if r.at("userSignIn", "sessionToken") != nil {
				return errors.New("signed in")
			}
			return r.survives(bad)
		},
	},
	{
		Name: "largest-answer", Sends: "8 MiB of one's own hubs, by a hundred ids and long aliases", Happens: "answered", Stops: "answer, cost", Answer: 8 << 20,
		Run: func(ctx context.Context, t *Target) error {
			r := t.largest(ctx, 7<<20)
			if len(r.body) < 6<<20 {
				return fmt.Errorf("only %d bytes: %.500s", len(r.body), r.body)
			}
			return r.is(200, "")
		},
	},
	{
		Name: "larger-answer", Sends: "the same with 12 MiB", Happens: tooMuch, Stops: "answer",
		Run: func(ctx context.Context, t *Target) error { return t.largest(ctx, 12<<20).is(400, tooMuch) },
	},
	{
		Name: "costly-answer", Sends: "the largest query of one's own company that the cost lets through, 20 at once", Happens: "answered", Stops: "cost, answer",
		Heavy: true, // an answer worth its price, twenty times
		Run: func(ctx context.Context, t *Target) error {
			return together(20, func(int) error {
				r := t.ask(ctx, `query($id: ID!) { company(id: $id) { objects(first: 40) { nodes { id name address hubs(first: 10) { nodes { id name serialNumber tile { kind label } service { id } } } } } } }`, vars{"id": t.CompanyID})
				return r.survives(tooMuch, invalid, bad)
			})
		},
	},
}

// largest asks for an answer of about so many bytes.
func (t *Target) largest(ctx context.Context, bytes int) reply {
	const ids, lists, page, texts = 100, 10, 3, 20
	r := t.ask(ctx, `query($id: ID!) { company(id: $id) { hubs { totalCount } } }`, vars{"id": t.CompanyID})
	hubs, _ := r.at("company", "hubs", "totalCount").(float64)
	if hubs < 1 {
		return r
	}
	var below, fields strings.Builder
	for i := range lists {
		fmt.Fprintf(&below, " l%d: hubs(first: %d) { nodes { ...T } }", i, page)
	}
	long := strings.Repeat("a", bytes/(ids*lists*min(int(hubs), page)*texts)-20)
	for i := range texts {
		fmt.Fprintf(&fields, " %s%02d: %s", long, i, []string{"id", "name", "serialNumber"}[i%3])
	}
	return t.ask(ctx, `query($ids: [ID!]!) { nodes(ids: $ids) { ...on Company {`+below.String()+` } } } fragment T on Hub {`+fields.String()+` }`,
		vars{"ids": slices.Repeat([]string{t.CompanyID}, ids)})
}
