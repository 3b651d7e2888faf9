package transport

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// initiate answers connection_init. Init runs beside the reader, since pings
// are to be answered and breaches to be seen meanwhile.
func (s *socket) initiate(payload map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initiated {
		s.shut(secondInit)
		return
	}
	s.initiated = true
	ctx, r := s.ctx, s.request
	s.request = nil
	s.spawn(func() { s.admit(ctx, r, payload) })
}

// admit lets the client in, or closes the socket.
func (s *socket) admit(ctx context.Context, r *http.Request, payload map[string]any) {
	if s.at.Init != nil {
		known, err := s.at.Init(ctx, r, payload)
		if err != nil {
			s.refuse(err)
			return
		}
		ctx = known
	}
	if s.at.Person != nil {
		if person := s.at.Person(ctx); person != "" {
			if !s.at.seat(person) {
				s.close(tooManySockets)
				return
			}
			s.person = person
		}
	}
	if s.at.Watch != nil {
		s.stopWatch = s.at.Watch(ctx, func() { s.recheck(ctx) })
	}
	s.acknowledge(ctx)
}

// acknowledge opens the socket for operations.
func (s *socket) acknowledge(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil || s.gone {
		return
	}
	s.ctx = ctx
	s.ready = true
	s.heard = time.Now()
	s.timer.Reset(min(s.at.PingInterval, s.at.DeadAfter))
	s.put(frame{kind: websocket.TextMessage, data: acknowledgement})
}

// recheck looks at the credentials again, beside whoever has called. Calls
// that come while it looks are answered by one more look.
func (s *socket) recheck(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.end != nil, s.at.Refresh == nil:
	case s.checking:
		s.checkAgain = true
	default:
		s.checking = s.spawn(func() { s.check(ctx) })
	}
}

func (s *socket) check(ctx context.Context) {
	for again := true; again; {
		if _, err := s.at.Refresh(ctx); err != nil {
			s.refuse(err)
		}
		s.mu.Lock()
		again = s.checkAgain && s.end == nil
		s.checkAgain = false
		s.checking = again
		s.mu.Unlock()
	}
}
