package attack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// requests misuse methods, paths and headers.
var requests = []Attack{
	{
		Name: "methods", Sends: "PUT, DELETE, PATCH, HEAD, OPTIONS, TRACE, CONNECT and made up ones", Happens: "405 with Allow, nothing repeated", Stops: "POST, and GET for queries",
		Run: func(ctx context.Context, t *Target) error {
			for _, m := range []string{"PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", Mark} {
				r := t.send(ctx, request{method: m, header: map[string]string{"X-Trace": Mark}})
				if err := r.isOneOf(405); err != nil || r.header.Get("Allow") != "GET, POST" {
					return fmt.Errorf("%s: %w, Allow %q", m, err, r.header.Get("Allow"))
				}
			}
			return t.tell(ctx, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n").isOneOf(400, 404, 405)
		},
	},
	{
		Name: "mutation-by-get", Sends: "a mutation in a link or an image's URL", Happens: "405", Stops: "mutations by POST only",
		Run: func(ctx context.Context, t *Target) error {
			return t.send(ctx, request{method: "GET", path: get("query", `mutation { userUpdate(input: {name: "x"}) { user { id } } }`)}).is(405, "BAD_USER_INPUT")
		},
	},
	{
		Name: "cross-site-forms", Sends: "GraphQL as text/plain, a form and multipart, as other sites' pages can send it", Happens: "415", Stops: "application/json only",
		Run: func(ctx context.Context, t *Target) error {
			for media, body := range map[string]string{
				"text/plain": viewerQuery, "application/x-www-form-urlencoded": "query=%7Bviewer%7Bid%7D%7D",
				"multipart/form-data; boundary=x": "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + viewerQuery + "\r\n--x--\r\n",
				"application/graphql":             "{ viewer { id } }", "": viewerQuery, "application/json; charset=utf-7": viewerQuery, Mark + ";;;=": viewerQuery,
			} {
				if err := t.send(ctx, request{body: body, header: map[string]string{"Content-Type": media}}).is(415, "BAD_USER_INPUT"); err != nil {
					return fmt.Errorf("%s: %w", media, err)
				}
			}
			return nil
		},
	},
	{
		Name: "cross-site-json", Sends: "JSON with the Origin of another site, and its preflight", Happens: "no leave is given to read the answer, or to send", Stops: "allowed-origins; there are no cookies",
		Run: func(ctx context.Context, t *Target) error {
			origin := map[string]string{"Origin": "https://" + Mark + ".example"}
			r := t.send(ctx, request{body: viewerQuery, header: origin, nobody: true})
			preflight := t.send(ctx, request{method: "OPTIONS", nobody: true, header: map[string]string{
				"Origin": "https://" + Mark + ".example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization",
			}})
			for _, r := range []reply{r, preflight} {
				for name := range r.header {
					if strings.HasPrefix(name, "Access-Control-Allow") {
						return fmt.Errorf("%s is sent to strangers", name)
					}
				}
			}
			if r.at("viewer") != nil {
				return errors.New("a stranger is signed in")
			}
			return r.is(200, "")
		},
	},
	{
		Name: "compressed-bomb", Sends: "Content-Encoding gzip, deflate, br and chains of them", Happens: "415, nothing is unpacked", Stops: "bodies are not compressed",
		Run: func(ctx context.Context, t *Target) error {
			for _, coding := range []string{"gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"} {
				if err := t.send(ctx, request{body: "\x1f\x8b\x08" + strings.Repeat("\x00", 1000), header: map[string]string{"Content-Encoding": coding}}).is(415, "BAD_USER_INPUT"); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "paths", Sends: "../, encoded slashes, backslashes, null bytes and line breaks in the path", Happens: "404, 400 or a redirect within the server", Stops: "embedded pages, no files",
		Run: func(ctx context.Context, t *Target) error {
			for _, p := range []string{
				"/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..\\..\\etc\\passwd", "//evil.example/%2f..", "/graphql/../../x",
				"/%00", "/a%0d%0aSet-Cookie:%20" + Mark, "/graphql%2f", "/.git/config", "/debug/pprof/", "/metrics",
			} {
				r := t.tell(ctx, "GET "+p+" HTTP/1.1\r\nHost: "+t.Addr+"\r\nConnection: close\r\n\r\n")
				if err := r.isOneOf(301, 307, 400, 404); err != nil {
					return fmt.Errorf("%s: %w", p, err)
				}
				if r.header.Get("Set-Cookie") != "" || strings.Contains(r.body, "root:") {
					return fmt.Errorf("%s: %+v", p, r)
				}
				if to := r.header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") {
					return fmt.Errorf("%s leads away, to %s", p, to)
				}
			}
			return nil
		},
	},
	{
		Name: "ranges", Sends: "1,000 overlapping ranges of the page at /", Happens: "the page, or a part of it", Stops: "net/http, headers",
		Run: func(ctx context.Context, t *Target) error {
			many := "bytes=0-" + strings.Repeat(",0-", 1000)
			for _, v := range []string{many, "bytes=-99999999999999999999", "bytes=5-1", "bytes=0-0,-1", Mark} {
				r := t.send(ctx, request{method: "GET", path: "/", header: map[string]string{"Range": v}})
				if err := r.isOneOf(200, 206, 416); err != nil {
					return err
				}
				if len(r.body) > 2<<20 {
					return fmt.Errorf("%d bytes", len(r.body))
				}
			}
			return nil
		},
	},
	{
		Name: "conditions", Sends: "If-None-Match with 1,000 tags, dates of the year 99999", Happens: "the page", Stops: "net/http, headers",
		Run: func(ctx context.Context, t *Target) error {
			for name, v := range map[string]string{
				"If-None-Match": strings.Repeat(`"`+Mark+`",`, 1000), "If-Modified-Since": "Fri, 31 Dec 99999 23:59:59 GMT", "If-Range": Mark, "If-Match": `"` + Mark + `"`,
			} {
				if err := t.send(ctx, request{method: "GET", path: "/", header: map[string]string{name: v}}).isOneOf(200, 304, 412); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "accept-flood", Sends: "1,000 media types in Accept, 3,000 languages in Accept-Language", Happens: "answered", Stops: "headers",
		Run: func(ctx context.Context, t *Target) error {
			return errors.Join(
				t.send(ctx, request{body: viewerQuery, header: map[string]string{"Accept": strings.Repeat("a/b;q=0.1,", 1000) + "*/*"}}).is(200, ""),
				t.send(ctx, request{body: viewerQuery, header: map[string]string{"Accept-Language": strings.Repeat("a-b,", 3000)}}).is(200, ""),
				t.send(ctx, request{body: viewerQuery, header: map[string]string{"Accept-Language": "x-" + strings.Repeat("a-", 5000)}}).is(200, ""),
				t.send(ctx, request{body: viewerQuery, header: map[string]string{"Accept-Language": strings.Repeat("aa_", 4000)}}).is(200, ""),
			)
		},
	},
	{
		Name: "nothing-acceptable", Sends: "Accept: text/html, q=0, and nonsense", Happens: "406", Stops: "negotiation",
		Run: func(ctx context.Context, t *Target) error {
			for _, a := range []string{"text/html", "application/json;q=0", Mark, "application/json;q=" + Mark} {
				if err := t.send(ctx, request{body: viewerQuery, header: map[string]string{"Accept": a}}).is(406, "BAD_USER_INPUT"); err != nil {
					return fmt.Errorf("%s: %w", a, err)
				}
			}
			return nil
		},
	},
	{
		Name: "wrong-credentials", Sends: "tokens of 15 KB, of other schemes, with wrong characters, guessed ones", Happens: "as nobody: UNAUTHENTICATED", Stops: "tokens of 256 bits with a checksum, kept as hashes",
		Run: func(ctx context.Context, t *Target) error {
			for _, a := range []string{
				"Bearer " + strings.Repeat("x", 15<<10), "Bearer", "Bearer hubs_" + Mark, "Basic " + Mark, "Bearer ' OR 1=1 --", "Bearer " + t.Token + "x", "Bearer " + strings.ToUpper(t.Token), "bEaReR \xff\xfe",
			} {
				r := t.send(ctx, request{body: `{"query":"{ streamCursor }"}`, header: map[string]string{"Authorization": a}})
				if err := r.is(200, "UNAUTHENTICATED"); err != nil {
					return fmt.Errorf("%.30s: %w", a, err)
				}
			}
			return nil
		},
	},
	{
		Name: "query-parameters", Sends: "3,000 parameters in a URL, broken escapes, variables that are none", Happens: "400", Stops: "headers, the form of a request",
		Run: func(ctx context.Context, t *Target) error {
			if err := t.send(ctx, request{method: "GET", path: "/graphql?" + strings.Repeat("a=b&", 3000)}).is(400, "BAD_USER_INPUT"); err != nil {
				return err
			}
			for _, q := range []string{"query=%zz" + Mark, "query={__typename}&variables=" + Mark, "query={__typename}&variables=[1]", "query={__typename}&extensions=%7B", "query=a&query=b;" + Mark} {
				r := t.send(ctx, request{method: "GET", path: "/graphql?" + q})
				if err := r.isOneOf(http.StatusBadRequest); err != nil {
					return fmt.Errorf("%s: %w", q, err)
				}
			}
			return nil
		},
	},
}
