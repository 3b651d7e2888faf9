package transport

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
)

// refused is why a request is not executed: a status, and a sentence in which
// nothing of the request stands, since a password may be what was sent wrong.
type refused struct {
	status int
	reason string
	allow  string // methods that may be used, with 405
	hangUp bool   // what is left of the body is not waited for

	code       errs.Code // "" is BAD_USER_INPUT
	retryAfter int       // seconds; 0 tells nothing
}

var (
	notAcceptable   = refused{status: 406, reason: "Accept application/graphql-response+json, application/json or text/event-stream."}
	wrongMethod     = refused{status: 405, reason: "Use POST, or GET for queries.", allow: "GET, POST"}
	readOnly        = refused{status: 405, reason: "Use POST for mutations.", allow: "POST"}
	noSubscriptions = refused{status: 400, reason: "Subscriptions need a WebSocket with the subprotocol graphql-transport-ws, or Accept: text/event-stream."}
	wrongType       = refused{status: 415, reason: "Send application/json in UTF-8, not compressed."}
	bodyTooLarge    = refused{status: 413, reason: "The body is too large.", hangUp: true}
	bodyTooLate     = refused{status: 408, reason: "The body did not come in time.", hangUp: true}
	bodyBroken      = refused{status: 400, reason: "The body broke off.", hangUp: true}
	wrongBody       = refused{status: 400, reason: "Send one JSON object with a query, a string, and possibly operationName, a string, variables and extensions, both objects."}
	wrongURL        = refused{status: 400, reason: "Send a query in the URL, and possibly operationName, and variables and extensions, both JSON objects."}
)

// read takes the GraphQL request out of the HTTP request.
func (h HTTP) read(w http.ResponseWriter, r *http.Request) (*params, *refused) {
	var params *params
	var wrong *refused
	start := graphql.Now()
	switch r.Method {
	case http.MethodGet:
		params, wrong = readURL(r.URL.RawQuery, h.Values)
	case http.MethodPost:
		params, wrong = h.readBody(w, r)
	default:
		return nil, &wrongMethod
	}
	if wrong != nil {
		return nil, wrong
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

// readBody reads the request of a POST.
func (h HTTP) readBody(w http.ResponseWriter, r *http.Request) (*params, *refused) {
	if !isJSON(r.Header) {
		return nil, &wrongType
	}
	limit := cmp.Or(h.BodyLimit, 256<<10)
	if r.ContentLength > limit {
		return nil, &bodyTooLarge
	}
	// Where the connection knows no deadlines, the server's own has to do.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(cmp.Or(h.BodyTimeout, 10*time.Second)))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, brokenBody(err)
	}
	// Left in force, the deadline would cancel the operation.
	_ = conn.SetReadDeadline(time.Time{})
	if !utf8.Valid(body) {
		return nil, &wrongBody
	}
	params, ok := parseParams(body, h.Values)
	if !ok {
		return nil, &wrongBody
	}
	return params, nil
}

func brokenBody(err error) *refused {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return &bodyTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &bodyTooLate
	}
	return &bodyBroken
}

// isJSON reports whether the body is said to be what this server reads.
func isJSON(h http.Header) bool {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

// readURL reads the request of a GET.
func readURL(query string, limits ValueLimits) (*params, *refused) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, &wrongURL
	}
	body := map[string]any{}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(values[name]) > 1 { // nor does a body name anything twice
			return nil, &wrongURL
		}
	}
	for _, name := range []string{"query", "operationName"} {
		if values.Has(name) {
			body[name] = values.Get(name)
		}
	}
	for _, name := range []string{"variables", "extensions"} {
		if v := values.Get(name); v != "" {
			body[name] = json.RawMessage(v)
		}
	}
	// From here on it is what it would be in a body.
	data, err := json.Marshal(body)
	if err != nil {
		return nil, &wrongURL
	}
	params, ok := parseParams(data, limits)
	if !ok {
		return nil, &wrongURL
	}
	return params, nil
}
