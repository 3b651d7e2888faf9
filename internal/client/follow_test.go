package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const follow = "subscription ($id: ID!, $after: String) { changed(id: $id, after: $after) { cursor } }"

// sends plays a connection that is asked to go on behind a cursor, sends some
// events and ends.
func sends(after any, cursors []string, end func(p *peer, id string)) func(p *peer) {
	return open(func(p *peer) {
		p.t.Helper()
		id, request := p.subscribed()
		if request.Query != follow || request.Variables["id"] != "hub_1" || request.Variables["after"] != after {
			p.t.Errorf("asked for %+v, want after %v", request, after)
		}
		for _, cursor := range cursors {
			p.next(id, fmt.Sprintf(`{"changed":{"cursor":%q}}`, cursor))
		}
		end(p, id)
	})
}

func breaks(p *peer, _ string)     { p.conn.NetConn().Close() }
func restarts(p *peer, _ string)   { p.close(1012, "Service restart") }
func completes(p *peer, id string) { p.complete(id); p.gone() }

func fails(code string) func(p *peer, id string) {
	return func(p *peer, id string) {
		p.sendf(`{"id":%q,"type":"error","payload":[{"message":"No.","extensions":{"code":%q}}]}`, id, code)
		p.gone()
	}
}

func follower() Follower {
	return Follower{
		Query: follow, Variables: map[string]any{"id": "hub_1"}, CursorPath: "changed.cursor",
		FirstWait: time.Millisecond, LongestWait: 4 * time.Millisecond,
	}
}

// Over any number of broken connections each event is heard, and none is asked
// for again.
func TestFollow(t *testing.T) {
	c := speaking(t,
		sends(nil, []string{"a", "b"}, breaks),
		sends("b", []string{"c"}, restarts),
		func(p *peer) { p.close(1013, "") },
		sends("c", nil, fails("INTERNAL_SERVER_ERROR")),
		sends("c", nil, func(p *peer, id string) {
			p.sendf(`{"id":%q,"type":"next","payload":{"data":null,"errors":[{"message":"Slow.","extensions":{"code":"TIMEOUT"}}]}}`, id)
			p.gone()
		}),
		sends("c", []string{"d"}, completes),
	)
	f := follower()
	var heard, breaks []string
	f.OnBreak = func(why error, wait time.Duration) error {
		breaks = append(breaks, fmt.Sprintf("%T", why))
		if wait <= 0 || wait > 5*time.Millisecond {
			t.Errorf("waits %v", wait)
		}
		return nil
	}
	err := f.Run(within(t), c, func(data json.RawMessage) error {
		var event struct{ Changed struct{ Cursor string } }
		err := json.Unmarshal(data, &event)
		heard = append(heard, event.Changed.Cursor)
		return err
	})
	if err != nil || !slices.Equal(heard, []string{"a", "b", "c", "d"}) {
		t.Errorf("heard %q, %v", heard, err)
	}
	if want := []string{"*client.CloseError", "*client.CloseError", "*client.CloseError", "*client.Errors", "*client.Errors"}; !slices.Equal(breaks, want) {
		t.Errorf("broke by %q, want %q", breaks, want)
	}
	if _, changed := f.Variables["after"]; changed {
		t.Error("the caller's variables have changed")
	}
}

func TestFollow_FromCursor(t *testing.T) {
	c := speaking(t, sends("x", []string{"y"}, completes))
	n := 0
	err := c.Follow(within(t), follow, map[string]any{"id": "hub_1", "after": "x"}, "changed.cursor", func(json.RawMessage) error { n++; return nil })
	if err != nil || n != 1 {
		t.Errorf("heard %d, %v", n, err)
	}
	c = speaking(t, open(func(p *peer) {
		id, request := p.subscribed()
		if len(request.Variables) != 0 {
			t.Errorf("asked for %+v", request)
		}
		p.complete(id)
		p.gone()
	}))
	if err := c.Follow(within(t), follow, nil, "changed.cursor", nil); err != nil {
		t.Error(err)
	}
}

// An event whose handling failed is not taken for heard; the caller's errors
// come back as they are, whatever they look like.
func TestFollow_HandleFails(t *testing.T) {
	for _, want := range []error{errors.New("full"), io.EOF, &CloseError{Code: 1012}, context.Canceled} {
		c := speaking(t, sends(nil, []string{"a", "b"}, func(p *peer, _ string) { p.gone() }))
		n := 0
		err := follower().Run(within(t), c, func(json.RawMessage) error {
			if n++; n == 2 {
				return want
			}
			return nil
		})
		if !errors.Is(err, want) || n != 2 {
			t.Errorf("got %v after %d, want %v", err, n, want)
		}
	}
}

// What no other try would put right ends it, at the first try.
func TestFollow_Final(t *testing.T) {
	for _, code := range []string{"FORBIDDEN", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "UNAUTHENTICATED", ""} {
		err := follower().Run(within(t), speaking(t, sends(nil, nil, fails(code))), nil)
		if errs, ok := errors.AsType[*Errors](err); !ok || errs.Code() != code {
			t.Errorf("%s: got %v", code, err)
		}
	}
	refused := speaking(t, func(p *peer) {
		p.expect("connection_init")
		p.close(4403, "Forbidden")
	})
	wantClose(t, follower().Run(within(t), refused, nil), 4403, "Forbidden")

	for _, data := range []string{`null`, `{}`, `{"changed":null}`, `{"changed":{}}`, `{"changed":{"cursor":null}}`, `{"changed":{"cursor":7}}`, `{"changed":[]}`} {
		c := speaking(t, open(func(p *peer) {
			id, _ := p.subscribed()
			p.next(id, data)
			p.gone()
		}))
		if err := follower().Run(within(t), c, nil); err == nil || !strings.Contains(err.Error(), "changed.cursor") {
			t.Errorf("%s: got %v", data, err)
		}
	}
	if err := follower().Run(within(t), New("nowhere"), nil); !errors.Is(err, errServerURL) {
		t.Errorf("got %v", err)
	}
}

func TestFollow_ContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := speaking(t, sends(nil, nil, func(p *peer, _ string) {
		cancel()
		p.gone()
	}))
	if err := follower().Run(ctx, c, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("while it listens: %v", err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	f := follower()
	f.FirstWait, f.LongestWait = time.Hour, 2*time.Hour
	f.OnBreak = func(error, time.Duration) error { cancel(); return nil }
	if err := f.Run(ctx, speaking(t, sends(nil, nil, breaks)), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("while it waits: %v", err)
	}

	tired := errors.New("tired")
	f.OnBreak = func(why error, wait time.Duration) error {
		if wait < time.Hour/2 || wait > time.Hour {
			t.Errorf("waits %v", wait)
		}
		return tired
	}
	if err := f.Run(within(t), speaking(t, sends(nil, nil, breaks)), nil); !errors.Is(err, tired) {
		t.Errorf("got %v", err)
	}
}

func TestFollower_Wait(t *testing.T) {
	broken := &CloseError{Code: 1006}
	for range 100 {
		for failures, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
			if wait := (Follower{}).wait(failures, broken); wait < most/2 || wait > most {
				t.Fatalf("after %d failures it waits %v, want %v at most and half of it at least", failures, wait, most)
			}
		}
	}
	if wait := (Follower{}).wait(1e9, broken); wait > 30*time.Second {
		t.Errorf("waits %v", wait)
	}
	asked := &Errors{List: []Error{{Extensions: map[string]any{"retryAfter": 40.0}}}}
	if wait := (Follower{}).wait(0, asked); wait != 40*time.Second {
		t.Errorf("asked for 40 s, waits %v", wait)
	}
	busy := &StatusError{Status: 503, Header: http.Header{"Retry-After": {"50"}}}
	if wait := (Follower{}).wait(0, busy); wait != 50*time.Second {
		t.Errorf("asked for 50 s, waits %v", wait)
	}
}

func TestIsFinal(t *testing.T) {
	coded := func(code string) error {
		return &Errors{List: []Error{{Extensions: map[string]any{"code": code}}}}
	}
	for _, c := range []struct {
		why  error
		want bool
	}{
		{&CloseError{Code: 1000}, false},
		{&CloseError{Code: 1001}, false},
		{&CloseError{Code: 1006}, false},
		{&CloseError{Code: 1011}, false},
		{&CloseError{Code: 1012}, false},
		{&CloseError{Code: 1013}, false},
		{&CloseError{Code: 4408}, false},
		{&CloseError{Code: 1002}, true},
		{&CloseError{Code: 1009}, true},
		{&CloseError{Code: 4400}, true},
		{&CloseError{Code: 4401}, true},
		{&CloseError{Code: 4403}, true},
		{&CloseError{Code: 4406}, true},
		{&CloseError{Code: 4409}, true},
		{&CloseError{Code: 4429}, true},
		{&CloseError{Code: 4500}, true},
		{coded("RATE_LIMITED"), false},
		{coded("TIMEOUT"), false},
		{coded("FORBIDDEN"), true},
		{&StatusError{Status: 429}, false},
		{&StatusError{Status: 408}, false},
		{&StatusError{Status: 425}, false},
		{&StatusError{Status: 500}, false},
		{&StatusError{Status: 503}, false},
		{&StatusError{Status: 404}, true},
		{&StatusError{Status: 403}, true},
		{&StatusError{Status: 200}, true},
		{fmt.Errorf("dial: %w", &tls.CertificateVerificationError{}), true},
		{fmt.Errorf("dial: %w", io.ErrUnexpectedEOF), false},
		{fmt.Errorf("%w: x", ErrProtocol), true},
		{errServerURL, true},
	} {
		if got := isFinal(c.why); got != c.want {
			t.Errorf("%v: final is %t, want %t", c.why, got, c.want)
		}
	}
	if text := (&CloseError{Code: 4403, Reason: "Forbidden"}).Error(); text != "the server closed the socket with 4403: Forbidden" {
		t.Errorf("got %q", text)
	}
}
