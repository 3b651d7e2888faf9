package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Errors are the GraphQL errors of one answer; there is at least one.
type Errors struct {
	Status int // of the HTTP answer; 0 over a socket
	List   []Error
}

// Error is one GraphQL error.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path,omitempty"` // names and, as float64, indexes
	Locations  []Location     `json:"locations,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// Location is a place in a document. Lines and columns count from 1.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Error returns the first error, and how many there are besides.
func (e *Errors) Error() string {
	first := e.List[0]
	s := first.Message
	if path := first.PathString(); path != "" {
		s += " at " + path
	}
	if code := first.Code(); code != "" {
		s += " (" + code + ")"
	}
	if more := len(e.List) - 1; more > 0 {
		s += fmt.Sprintf(", and %d more", more)
	}
	return s
}

// Code returns the code of the first error, such as UNAUTHENTICATED.
func (e *Errors) Code() string { return e.List[0].Code() }

// RequestID returns what the server's log knows the request by.
func (e *Errors) RequestID() string { return e.List[0].RequestID() }

// RetryAfter returns how long the server wants to be left alone; 0 when it
// does not say.
func (e *Errors) RetryAfter() time.Duration {
	seconds, _ := e.List[0].Extensions["retryAfter"].(float64)
	return time.Duration(seconds * float64(time.Second))
}

// Code returns extensions.code, "" when there is none.
func (e *Error) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// RequestID returns extensions.requestId, "" when there is none.
func (e *Error) RequestID() string {
	id, _ := e.Extensions["requestId"].(string)
	return id
}

// PathString returns the path as "company.employees.3.name".
func (e *Error) PathString() string {
	parts := make([]string, len(e.Path))
	for i, part := range e.Path {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// StatusError is an answer that is not GraphQL: of something in front of the
// server, or of a server that refuses to go so far.
type StatusError struct {
	Status int // of HTTP
	Header http.Header
	Text   string // beginning of the body
}

// Error returns the status and the beginning of the body.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Text != "" {
		s += ": " + strconv.Quote(e.Text)
	}
	return s
}

// RetryAfter returns how long the server wants to be left alone; 0 when it
// does not say in seconds.
func (e *StatusError) RetryAfter() time.Duration {
	seconds, err := strconv.ParseUint(e.Header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// statusError reads the beginning of the body, and closes it.
func statusError(r *http.Response) *StatusError {
	defer r.Body.Close()
	// What cannot be read is left out: the status says enough.
	text, _ := io.ReadAll(io.LimitReader(r.Body, 300))
	return &StatusError{Status: r.StatusCode, Header: r.Header, Text: strings.TrimSpace(strings.ToValidUTF8(string(text), ""))}
}

// CloseError is the end of a socket, by the server's will or, with code 1006,
// because the connection broke.
type CloseError struct {
	Code   int // of RFC 6455, or 44xx of graphql-transport-ws: 4403 is refused credentials
	Reason string
}

// Error returns the code and the reason.
func (e *CloseError) Error() string {
	s := fmt.Sprintf("the server closed the socket with %d", e.Code)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// errorList reads the errors of a message. It is never empty.
func errorList(payload json.RawMessage) (*Errors, error) {
	var list []Error
	if err := json.Unmarshal(payload, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("%w: an error message without errors", ErrProtocol)
	}
	return &Errors{List: list}, nil
}
