package transport

import (
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// frame is something to be written.
type frame struct {
	kind int // of RFC 6455
	data []byte
	of   *operation // whose message it is; nil for the socket's own
}

// cost is what a frame counts against QueueLimit: the message, and what it
// takes to keep it.
func (f frame) cost() int { return len(f.data) + 64 }

// send queues a message of the socket itself, and waits for room.
func (s *socket) send(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := frame{kind: websocket.TextMessage, data: data}
	if s.waitForRoom(f) {
		s.put(f)
	}
}

// sendOf queues a message of an operation and waits for room; the operation is
// over with the last one. It reports false, and sends nothing, when the client
// no longer waits for the operation.
func (s *socket) sendOf(o *operation, data []byte, last bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := frame{kind: websocket.TextMessage, data: data, of: o}
	if !s.waitForRoom(f) {
		return false
	}
	s.put(f)
	if last {
		// With the message, not after it: the id is free as soon as the
		// client can know.
		delete(s.operations, o.id)
	}
	return true
}

// waitForRoom lets an operation pause while its client is slow; the writing
// deadline is what ends the wait at worst. It is called with mu held, and
// reports whether the frame is still wanted.
func (s *socket) waitForRoom(f frame) bool {
	for {
		if s.end != nil || s.gone || f.of != nil && s.operations[f.of.id] != f.of {
			return false
		}
		if s.queued == 0 || s.queued+f.cost() <= s.at.QueueLimit {
			return true
		}
		s.room.Wait()
	}
}

// put queues a frame, and sees to it that somebody writes. It is called with
// mu held.
func (s *socket) put(f frame) {
	s.queue = append(s.queue, f)
	s.queued += f.cost()
	s.wake()
}

// forget takes back what the operation has waiting, or everything for nil. It
// is called with mu held.
func (s *socket) forget(o *operation) {
	s.queue = slices.DeleteFunc(s.queue, func(f frame) bool {
		if o != nil && f.of != o {
			return false
		}
		s.queued -= f.cost()
		return true
	})
	s.room.Broadcast()
}

// wake starts the writer, which lives only while something waits. It is called
// with mu held.
func (s *socket) wake() {
	if !s.writing {
		s.writing = s.spawn(s.write)
	}
}

// write writes until nothing waits. The socket is over when the client does
// not take a message in time.
func (s *socket) write() {
	for {
		f, ok := s.next()
		if !ok {
			return
		}
		deadline := time.Now().Add(s.at.WriteTimeout)
		var err error
		if f.kind == websocket.TextMessage {
			_ = s.conn.SetWriteDeadline(deadline) // never fails: it is only noted
			err = s.conn.WriteMessage(f.kind, f.data)
		} else {
			err = s.conn.WriteControl(f.kind, f.data, deadline)
		}
		if err != nil {
			s.mu.Lock()
			s.drop()
			s.mu.Unlock()
		}
	}
}

// next takes what is to be written: pings before messages, the closing last.
func (s *socket) next() (frame, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
	case s.pingDue:
		s.pingDue = false
		return frame{kind: websocket.PingMessage}, true
	case len(s.queue) > 0:
		f := s.queue[0]
		s.queue[0] = frame{}
		s.queue = s.queue[1:]
		if len(s.queue) == 0 {
			s.queue = nil // an idle socket keeps no buffer
		}
		s.queued -= f.cost()
		s.room.Broadcast()
		return f, true
	case s.end != nil && !s.endSent:
		s.endSent = true
		return frame{
			kind: websocket.CloseMessage,
			data: websocket.FormatCloseMessage(s.end.code, s.end.reason),
		}, true
	}
	s.writing = false
	return frame{}, false
}
