package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

var (
	// ErrClosed is met on a socket or a stream that its owner has closed.
	ErrClosed = errors.New("client: closed")
	// ErrProtocol is wrapped by the errors about a server that does not keep
	// to graphql-transport-ws.
	ErrProtocol = errors.New("client: the server broke the protocol")
)

// Socket is one WebSocket on which any number of operations run at a time. It
// is safe for concurrent use.
//
// There is one reader for all of them: while one stream is not read, and a few
// of its events wait, those of the others wait too. Streams that are read at
// their own pace want sockets of their own, as [Client.Subscribe] opens them.
type Socket struct {
	conn    *websocket.Conn
	times   times
	writing sync.Mutex

	mu      sync.Mutex
	streams map[string]*Stream // that are running, by id
	lastID  int
	err     error // why the socket has ended; nil while it lives

	closing   chan struct{} // closed when Close begins
	closeOnce sync.Once
	done      chan struct{} // closed when nothing is read any more
	running   sync.WaitGroup
}

// message is one of graphql-transport-ws, in either direction.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Close ends all operations and the socket, and returns when both are over.
func (s *Socket) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.sendClose(websocket.CloseNormalClosure, "")
		select {
		case <-s.done:
		case <-time.After(s.times.close):
			s.conn.Close()
		}
		s.running.Wait()
	})
	return nil
}

// sendClose asks the server to close. That it may have closed already, or
// broken off, is no matter.
func (s *Socket) sendClose(code int, reason string) {
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(s.times.close))
}

// read hands what arrives to the streams until the socket ends, and is the
// only one to do so.
func (s *Socket) read() {
	defer close(s.done)
	defer s.conn.Close()
	s.conn.SetPongHandler(func(string) error { return s.conn.SetReadDeadline(time.Now().Add(s.times.dead)) })
	answer := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error {
		if err := s.conn.SetReadDeadline(time.Now().Add(s.times.dead)); err != nil {
			return err
		}
		return answer(data)
	})
	var err error
	for err == nil {
		var m message
		if m, err = s.receive(s.times.dead); err == nil {
			err = s.handle(m)
		}
	}
	select {
	case <-s.closing:
		err = ErrClosed
	default:
	}
	s.mu.Lock()
	s.err = err
	left := s.streams
	s.streams = nil
	s.mu.Unlock()
	for _, stream := range left {
		stream.finish(err)
	}
}

// receive reads one message, waiting so long.
func (s *Socket) receive(wait time.Duration) (message, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return message{}, fmt.Errorf("client: %w", err)
	}
	kind, text, err := s.conn.ReadMessage()
	if err != nil {
		return message{}, readError(err)
	}
	var m message
	if kind != websocket.TextMessage || json.Unmarshal(text, &m) != nil {
		return message{}, s.violated("a message of unknown form")
	}
	return m, nil
}

func readError(err error) error {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return &CloseError{Code: closed.Code, Reason: closed.Text}
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Errorf("client: the server is silent: %w", err)
	}
	return fmt.Errorf("client: %w", err)
}

// handle hands one message to its stream. Messages for streams that are over,
// or never were, are none of our business.
func (s *Socket) handle(m message) error {
	switch m.Type {
	case "next":
		if stream := s.stream(m.ID, false); stream != nil {
			return stream.deliver(m.Payload)
		}
	case "error":
		if stream := s.stream(m.ID, true); stream != nil {
			list, err := errorList(m.Payload)
			if err != nil {
				stream.finish(err)
				return s.violated("an error message without errors")
			}
			stream.finish(list)
		}
	case "complete":
		if stream := s.stream(m.ID, true); stream != nil {
			stream.finish(io.EOF)
		}
	case "ping":
		return s.write(message{Type: "pong"})
	case "pong":
	default:
		return s.violated("a message of type %q", m.Type)
	}
	return nil
}

// violated closes the socket for the server's fault.
func (s *Socket) violated(format string, args ...any) error {
	s.sendClose(4400, "Invalid message")
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}

// stream returns a running stream, and forgets it when this is its end.
func (s *Socket) stream(id string, ends bool) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := s.streams[id]
	if ends {
		delete(s.streams, id)
	}
	return stream
}

// drop forgets the stream, and reports whether it was running.
func (s *Socket) drop(stream *Stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[stream.id] != stream {
		return false
	}
	delete(s.streams, stream.id)
	return true
}

// add makes a stream running, or tells why none can be.
func (s *Socket) add(stream *Stream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.lastID++
	stream.id = strconv.Itoa(s.lastID)
	s.streams[stream.id] = stream
	return nil
}

// ping shows the server that the client lives, and has it answer.
func (s *Socket) ping() {
	tick := time.NewTicker(s.times.ping)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
			// Where this fails, the reader finds the socket dead.
			_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.times.write))
		}
	}
}

func (s *Socket) write(m message) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.conn.SetWriteDeadline(time.Now().Add(s.times.write))
	if err == nil {
		err = s.conn.WriteJSON(m)
	}
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	return nil
}
