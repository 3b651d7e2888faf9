package attack

import (
	"context"
	"fmt"
	"strings"
)

// echo is a query whose variables are read and of which nothing is kept.
const echo = `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`

// with is the body of echo with variables as they stand.
func with(variables string) string { return `{"query":"` + echo + `","variables":` + variables + `}` }

// bodies misuse JSON.
var bodies = []Attack{
	{
		Name: "huge-body", Sends: "1 MB of JSON, said to be so and in chunks", Happens: "413", Stops: "http-body",
		Run: func(ctx context.Context, t *Target) error {
			body := `{"query":"` + strings.Repeat("a", 1<<20) + `"}`
			if err := t.tell(ctx, t.head(fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)))).is(413, "BAD_USER_INPUT"); err != nil {
				return err
			}
			return t.tell(ctx, t.head("Transfer-Encoding: chunked\r\n\r\n")+fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 300<<10, body[:300<<10])).isOneOf(0, 413)
		},
	},
	{
		Name: "batch", Sends: "an array of 1,000 operations", Happens: "400", Stops: "one operation in a request",
		Run: func(ctx context.Context, t *Target) error {
			return t.post(ctx, "["+strings.Repeat(viewerQuery+",", 999)+viewerQuery+"]").is(400, "BAD_USER_INPUT")
		},
	},
	{
		Name: "not-one-object", Sends: "two objects, bytes behind the object, a BOM, comments, a scalar, nothing", Happens: "400", Stops: "one JSON object, exactly",
		Run: func(ctx context.Context, t *Target) error {
			for _, body := range []string{viewerQuery + viewerQuery, viewerQuery + Mark, "\xef\xbb\xbf" + viewerQuery, "/*" + Mark + "*/" + viewerQuery, `"` + Mark + `"`, "null", "1e999", " ", `{"query":1}`, `{"query":["` + Mark + `"]}`, `{"` + Mark} {
				if err := t.post(ctx, body).is(400, "BAD_USER_INPUT"); err != nil {
					return fmt.Errorf("%s: %w", body, err)
				}
			}
			return nil
		},
	},
	{
		Name: "not-utf8", Sends: "bytes that are no UTF-8, in names, texts and the document", Happens: "400", Stops: "UTF-8 only",
		Run: func(ctx context.Context, t *Target) error {
			for _, body := range []string{"{\"query\":\"{ \xff }\"}", with("{\"ids\":[\"\xc3\x28\"]}"), "{\"query\":\"{ viewer { id } }\",\"\xed\xa0\x80\":1}"} {
				if err := t.post(ctx, body).is(400, "BAD_USER_INPUT"); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "half-surrogates", Sends: `\ud800 and \u0000 in texts`, Happens: "answered with what they are replaced by; 400", Stops: "no text has U+0000",
		Run: func(ctx context.Context, t *Target) error {
			if err := t.post(ctx, with(`{"ids":["\ud800","\udc00\ud800"]}`)).is(200, ""); err != nil {
				return err
			}
			for _, body := range []string{
				`{"query":"mutation($n: String!) { userUpdate(input: {name: $n}) { user { id } userErrors { code } } }","variables":{"n":"a\u0000b"}}`,
				`{"query":"mutation { userUpdate(input: {name: \"a\\u0000b\"}) { user { id } userErrors { code } } }"}`,
			} {
				if err := t.post(ctx, body).is(400, bad); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "deep-variables", Sends: "lists within each other in the variables, 33 and 40,000 deep", Happens: "COMPLEXITY_LIMIT_EXCEEDED, or 400", Stops: "variables-depth",
		Run: func(ctx context.Context, t *Target) error {
			deep := func(n int) string { return with(`{"ids":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`) }
			if err := t.post(ctx, deep(31)).isOneOf(200, 400); err != nil {
				return err
			}
			if err := t.post(ctx, deep(33)).is(400, "COMPLEXITY_LIMIT_EXCEEDED"); err != nil {
				return err
			}
			return t.post(ctx, deep(40000)).is(400, "BAD_USER_INPUT") // more than any JSON of ours
		},
	},
	{
		Name: "deep-elsewhere", Sends: "9,000 levels in the extensions and in a member that nobody reads", Happens: "COMPLEXITY_LIMIT_EXCEEDED; the other is left alone", Stops: "variables-depth",
		Run: func(ctx context.Context, t *Target) error {
			deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
			if err := t.post(ctx, `{"query":"{ __typename }","extensions":`+deep+`}`).is(400, "COMPLEXITY_LIMIT_EXCEEDED"); err != nil {
				return err
			}
			return t.post(ctx, `{"query":"{ __typename }","x":`+deep+`}`).is(200, "")
		},
	},
	{
		Name: "many-values", Sends: "60,000 numbers in the variables", Happens: "COMPLEXITY_LIMIT_EXCEEDED", Stops: "variables-values",
		Run: func(ctx context.Context, t *Target) error {
			return t.post(ctx, with(`{"ids":[1`+strings.Repeat(",1", 60000)+`]}`)).is(400, "COMPLEXITY_LIMIT_EXCEEDED")
		},
	},
	{
		Name: "large-variables", Sends: "a text of 200 KB in the variables", Happens: "COMPLEXITY_LIMIT_EXCEEDED", Stops: "variables",
		Run: func(ctx context.Context, t *Target) error {
			return t.post(ctx, with(`{"ids":["`+strings.Repeat("a", 200<<10)+`"]}`)).is(400, "COMPLEXITY_LIMIT_EXCEEDED")
		},
	},
	{
		Name: "many-members", Sends: "20,000 unknown members, and 4,000 variables that nothing uses", Happens: "left alone", Stops: "http-body, variables-values",
		Run: func(ctx context.Context, t *Target) error {
			var b strings.Builder
			for i := range 20000 {
				fmt.Fprintf(&b, `"%x":0,`, i)
			}
			if err := t.post(ctx, `{`+b.String()+`"query":"{ __typename }"}`).is(200, ""); err != nil {
				return err
			}
			b.Reset()
			for i := range 4000 {
				fmt.Fprintf(&b, `"%x":0,`, i)
			}
			return t.post(ctx, `{"query":"{ __typename }","variables":{`+b.String()+`"a":1}}`).isOneOf(200, 400)
		},
	},
	{
		Name: "same-names", Sends: "a variable or the query twice, plainly and escaped", Happens: "400", Stops: "a name stands once",
		Run: func(ctx context.Context, t *Target) error {
			for _, v := range []string{`{"ids":["a"],"ids":["b"]}`, `{"ids":["a"],"\u0069ds":["b"]}`, `{"ids":[],"x":{"a":1,"a":2}}`} {
				if err := t.post(ctx, with(v)).is(400, "BAD_USER_INPUT"); err != nil {
					return err
				}
			}
			return t.post(ctx, `{"query":"{ viewer { id } }","\u0071uery":"{ __typename }"}`).is(400, "BAD_USER_INPUT")
		},
	},
	{
		Name: "number-bombs", Sends: "1e999999999 and numbers of 100,000 digits as Int, Long, ID, text and amount", Happens: "400", Stops: "numbers are read as text, within their type's range",
		Run: func(ctx context.Context, t *Target) error {
			for _, n := range []string{"1e999999999", "-1e-999999999", strings.Repeat("9", 100000), "0." + strings.Repeat("0", 100000) + "1", "1e400"} {
				for document, name := range map[string]string{
					`query($n: Int) { resellers(country: \"PL\", first: $n) { totalCount } }`:                                                        "n",
					`mutation($n: Long) { companyResellerEnroll(input: {companyId: \"x\", currency: \"EUR\", creditLimit: $n}) { company { id } } }`: "n",
					`query($n: Float) { __typename @include(if: true) resellers(country: \"PL\", search: $n) { totalCount } }`:                       "n",
				} {
					r := t.post(ctx, `{"query":"`+document+`","variables":{"`+name+`":`+n+`}}`)
					if err := r.isOneOf(200, 400); err != nil || len(r.codes()) == 0 || r.codes()[0] == "INTERNAL_SERVER_ERROR" {
						return fmt.Errorf("%.20s for %s: %w %.300s", n, document, err, r.body)
					}
				}
				if err := t.post(ctx, with(`{"ids":[`+n+`]}`)).isOneOf(200, 400); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "wrong-types", Sends: "every kind of JSON value for every kind of variable", Happens: "400 with the variable's place, nothing repeated", Stops: "types",
		Run: func(ctx context.Context, t *Target) error {
			for _, kind := range []string{"ID!", "String!", "Int!", "Boolean!", "Email!", "DateTime!", "EmployeeRole!", "MoneyInput!", "[ID!]!", "EmployeeAddInput!", "HubScope!"} {
				for _, v := range []string{`null`, `true`, `1`, `1.5`, `"` + Mark + `"`, `[]`, `["` + Mark + `"]`, `{}`, `{"` + Mark + `":"` + Mark + `"}`, `{"role":"` + Mark + `"}`} {
					r := t.post(ctx, `{"query":"query($v: `+kind+`) { __typename @skip(if: $v) }","variables":{"v":`+v+`}}`)
					if err := r.isOneOf(200, 400); err != nil {
						return err
					}
					for _, c := range r.codes() {
						if c == "INTERNAL_SERVER_ERROR" {
							return fmt.Errorf("%s for %s: %s", v, kind, r.body)
						}
					}
				}
			}
			input := `mutation($input: EmployeeAddInput!) { employeeAdd(input: $input) { employee { id } userErrors { code message } } }`
			for _, v := range []vars{
				{"companyId": t.CompanyID, "email": "a@b.example", "role": Mark}, {"companyId": t.CompanyID, "email": "a@b.example", "role": "OWNER", Mark: 1},
				{"companyId": []string{Mark}, "email": "a@b.example", "role": "OWNER"}, {"companyId": t.CompanyID, "email": vars{Mark: Mark}, "role": "OWNER"},
			} {
				r := t.ask(ctx, input, vars{"input": v})
				if err := r.survives(bad); err != nil || len(r.codes()) == 0 {
					return fmt.Errorf("%v: %w", v, err)
				}
			}
			return nil
		},
	},
}
