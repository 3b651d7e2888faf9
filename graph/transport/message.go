package transport

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Types of messages that clients send. Others are the server's, or unknown.
const (
	typeInit      = "connection_init"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeComplete  = "complete"
)

// message is what a client sent, found to be of good form.
type message struct {
	kind    string
	id      string          // of subscribe and complete
	payload json.RawMessage // of ping, an object or nil
	init    map[string]any  // of connection_init, nil where there was none
	params  *params         // of subscribe
}

// parse reads a message of a client. Members are told apart by their exact
// names, unknown ones are left alone. It returns no more than a closing, since
// what was wrong is the client's programmer's to find, not ours to repeat.
func parse(data []byte, limits ValueLimits) (m message, wrong *closing) {
	if !utf8.Valid(data) {
		return m, &notUTF8
	}
	members, ok := object(data)
	if !ok {
		return m, &badMessage
	}
	if m.kind, ok = text(members["type"]); !ok {
		return m, &badMessage
	}
	payload, hasObject := optionalObject(members["payload"])
	switch m.kind {
	case typeInit:
		ok = hasObject && limits.check(payload) == nil
		if ok {
			m.init, _ = values(payload)
		}
	case typePing, typePong:
		ok = hasObject
		m.payload = payload
	case typeSubscribe:
		m.id, ok = text(members["id"])
		ok = ok && m.id != "" && payload != nil
		if ok {
			m.params, ok = parseParams(payload, limits)
		}
	case typeComplete:
		m.id, ok = text(members["id"])
		ok = ok && m.id != ""
	default:
		ok = false
	}
	if !ok {
		return m, &badMessage
	}
	return m, nil
}

// params are a GraphQL request.
type params struct {
	graphql.RawParams
	excess *gqlerror.Error // why it is refused, by its values; they are then left out
}

// parseParams reads a GraphQL request: the payload of subscribe, and the body
// of a POST. The query may be left out where a persisted one is asked for.
func parseParams(data []byte, limits ValueLimits) (*params, bool) {
	members, ok := object(data)
	if !ok {
		return nil, false
	}
	var p params
	if p.Variables, ok = p.values(members["variables"], limits); !ok {
		return nil, false
	}
	if p.Extensions, ok = p.values(members["extensions"], limits); !ok {
		return nil, false
	}
	if name := members["operationName"]; !isNull(name) {
		if p.OperationName, ok = text(name); !ok {
			return nil, false
		}
	}
	_, persisted := p.Extensions["persistedQuery"]
	if query := members["query"]; !persisted || !isNull(query) {
		if p.Query, ok = text(query); !ok {
			return nil, false
		}
	}
	return &p, true
}

// isNull reports whether a member was left out or is null.
func isNull(data json.RawMessage) bool {
	return data == nil || string(data) == "null"
}

// object splits a JSON object into its members, each of which has a name of its
// own: of two with one name, whoever looks at requests on the way here may look
// at the other.
func object(data []byte) (map[string]json.RawMessage, bool) {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, false
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, false
	}
	return members, countNames(data) == len(members)
}

// countNames counts the names of an object that is valid JSON, not those of
// objects within it.
func countNames(data []byte) (names int) {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ':':
			if depth == 1 {
				names++
			}
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return names
}

// optionalObject returns an object as it stands, or nil for none at all.
func optionalObject(data json.RawMessage) (json.RawMessage, bool) {
	if isNull(data) {
		return nil, true
	}
	return data, data[0] == '{'
}

// text reads a JSON string.
func text(data json.RawMessage) (string, bool) {
	if len(data) == 0 || data[0] != '"' {
		return "", false
	}
	var s string
	return s, json.Unmarshal(data, &s) == nil
}

// values reads an object of values within the limits, nil for none at all.
func (p *params) values(data json.RawMessage, limits ValueLimits) (map[string]any, bool) {
	if !isNull(data) && data[0] == '{' {
		if excess := limits.check(data); excess != nil {
			p.excess = excess
			return nil, true
		}
	}
	return values(data)
}

// values reads an object of any values, nil for none at all. Numbers are kept
// as they were written: a float64 would lose the last digits of a Long.
func values(data json.RawMessage) (map[string]any, bool) {
	if isNull(data) {
		return nil, true
	}
	if data[0] != '{' {
		return nil, false
	}
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return v, d.Decode(&v) == nil
}

var acknowledgement = []byte(`{"type":"connection_ack"}`)

// pongMessage answers a protocol ping, with the payload it had.
func pongMessage(payload json.RawMessage) []byte {
	if payload == nil {
		return []byte(`{"type":"pong"}`)
	}
	b := append([]byte(nil), `{"type":"pong","payload":`...)
	return append(append(b, payload...), '}')
}

// nextMessage carries one result of an operation.
func nextMessage(id string, r *graphql.Response) []byte {
	b := make([]byte, 0, len(r.Data)+len(id)+64)
	b = appendHead(b, "next", id)
	b = append(b, `,"payload":`...)
	b = appendResponse(b, r)
	return append(b, '}')
}

// errorMessage ends an operation without a result: nothing follows it.
func errorMessage(id string, list gqlerror.List) []byte {
	b := appendHead(nil, "error", id)
	b = append(b, `,"payload":`...)
	b = appendErrors(b, list)
	return append(b, '}')
}

// completeMessage ends an operation that has sent all its results.
func completeMessage(id string) []byte {
	return append(appendHead(nil, typeComplete, id), '}')
}

func appendHead(b []byte, kind, id string) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, `","id":`...)
	return appendJSON(b, id)
}
