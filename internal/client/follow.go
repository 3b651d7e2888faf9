package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Follower is a subscription that outlives its connections: when one breaks it
// subscribes again, with the cursor of the last event in the variable `after`,
// so that nothing is missed. An event whose handling was cut short comes again.
type Follower struct {
	Query      string         // a subscription that declares $after: String
	Variables  map[string]any // "after" may be the cursor to begin behind
	CursorPath string         // where an event's cursor stands in the data: "hubTileChanged.cursor"

	// FirstWait is how long it waits before the second try; each wait in a row
	// is up to twice as long as the one before, until LongestWait. An event
	// starts the count anew. Zero stands for 500 ms and 30 s.
	FirstWait, LongestWait time.Duration

	// OnBreak, where it is set, hears why there will be another try, and when.
	// An error of it ends Run.
	OnBreak func(why error, wait time.Duration) error
}

// Follow runs a [Follower] without further settings.
func (c *Client) Follow(ctx context.Context, query string, variables map[string]any, cursorPath string, handle func(data json.RawMessage) error) error {
	f := Follower{Query: query, Variables: variables, CursorPath: cursorPath}
	return f.Run(ctx, c, handle)
}

// Run hands the data of each event to handle, one after the other. It returns
// nil when the server completes the subscription, the error of handle or
// OnBreak, the end of ctx, or what no other try would put right: refused
// credentials, a refused operation, a broken protocol.
func (f Follower) Run(ctx context.Context, c *Client, handle func(data json.RawMessage) error) error {
	f.Variables = maps.Clone(f.Variables)
	if f.Variables == nil {
		f.Variables = map[string]any{}
	}
	for failures := 0; ; failures++ {
		before := f.Variables["after"]
		why := f.once(ctx, c, handle)
		if own, ok := errors.AsType[stopped](why); ok {
			return own.error
		}
		switch {
		case errors.Is(why, io.EOF):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case isFinal(why):
			return why
		}
		if f.Variables["after"] != before {
			failures = 0
		}
		wait := f.wait(failures, why)
		if f.OnBreak != nil {
			if err := f.OnBreak(why, wait); err != nil {
				return err
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// stopped is an error from this side of the connection. It is no wrapper:
// whatever the caller's handle returns is not taken for the server's doing.
type stopped struct{ error }

// once follows one connection to its end.
func (f Follower) once(ctx context.Context, c *Client, handle func(json.RawMessage) error) error {
	stream, err := c.Subscribe(ctx, f.Query, f.Variables)
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		data, err := stream.Next(ctx)
		if err != nil {
			return err
		}
		cursor, err := lookUp(data, f.CursorPath)
		if err != nil {
			return stopped{err}
		}
		if err := handle(data); err != nil {
			return stopped{err}
		}
		f.Variables["after"] = cursor
	}
}

// lookUp returns the text that stands at the path.
func lookUp(data json.RawMessage, path string) (string, error) {
	for name := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil || object[name] == nil {
			return "", fmt.Errorf("client: the event has no %s", path)
		}
		data = object[name]
	}
	var text *string
	if err := json.Unmarshal(data, &text); err != nil || text == nil {
		return "", fmt.Errorf("client: the event has no text at %s", path)
	}
	return *text, nil
}

// wait returns how long to wait after so many failures in a row. It is random
// by half, so that a server that comes back is not run over.
func (f Follower) wait(failures int, why error) time.Duration {
	longest := cmp.Or(f.LongestWait, 30*time.Second)
	wait := min(cmp.Or(f.FirstWait, 500*time.Millisecond), longest)
	for ; failures > 0 && wait < longest; failures-- {
		wait = min(2*wait, longest)
	}
	wait = wait/2 + rand.N(wait/2+1)
	return max(wait, askedToWait(why))
}

func askedToWait(why error) time.Duration {
	if e, ok := errors.AsType[*Errors](why); ok {
		return e.RetryAfter()
	}
	if e, ok := errors.AsType[*StatusError](why); ok {
		return e.RetryAfter()
	}
	return 0
}

// passing are the codes of errors that another try may not meet again.
var passing = []string{"INTERNAL_SERVER_ERROR", "TIMEOUT", "RATE_LIMITED"}

// lasting are the close codes that another try would meet again.
var lasting = []int{
	websocket.CloseProtocolError, websocket.CloseUnsupportedData, websocket.CloseInvalidFramePayloadData,
	websocket.ClosePolicyViolation, websocket.CloseMessageTooBig,
	4400, 4401, 4403, 4406, 4409, 4429, 4500,
}

// isFinal reports whether another try would fail alike.
func isFinal(why error) bool {
	if e, ok := errors.AsType[*Errors](why); ok {
		return !slices.Contains(passing, e.Code())
	}
	if e, ok := errors.AsType[*CloseError](why); ok {
		return slices.Contains(lasting, e.Code)
	}
	if e, ok := errors.AsType[*StatusError](why); ok {
		return e.Status < 500 && e.Status != http.StatusRequestTimeout && e.Status != http.StatusTooEarly && e.Status != http.StatusTooManyRequests
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](why); ok {
		return true
	}
	return errors.Is(why, ErrProtocol) || errors.Is(why, errServerURL)
}
