package throttle

import (
	"context"
	"sync"
	"time"
)

// Turns lets one after the other try the same thing in this process: who tries
// rightly, many times at the same moment, is not taken for a guesser before the
// first answer is known. The zero value is ready.
type Turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line are those who try one thing.
type line struct {
	turn chan struct{} // holds one token: whose it is, may try
	here int           // trying and waiting
}

// maxLine is how many may stand in one line.
const maxLine = 100

// Wait waits for one's turn with a count, and returns the function that ends
// it. It fails when ctx ends, and with [ErrTooMany] where too many wait.
func (t *Turns) Wait(ctx context.Context, c Count) (done func(), err error) {
	l := t.join(c.id)
	if l == nil {
		return nil, After(time.Second)
	}
	select {
	case <-l.turn:
		return func() { l.turn <- struct{}{}; t.leave(c.id) }, nil
	case <-ctx.Done():
		t.leave(c.id)
		return nil, ctx.Err()
	}
}

func (t *Turns) join(id string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[id]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		l.turn <- struct{}{}
		if t.lines == nil {
			t.lines = map[string]*line{}
		}
		t.lines[id] = l
	}
	if l.here == maxLine {
		return nil
	}
	l.here++
	return l
}

func (t *Turns) leave(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.lines[id]; l != nil {
		if l.here--; l.here == 0 {
			delete(t.lines, id)
		}
	}
}

// Delays holds back tries for a while. It holds nothing else in the meantime:
// no transaction and no core. The zero value is ready.
type Delays struct {
	mu   sync.Mutex
	here int
}

// maxDelayed is how many tries are held back at once. One more goes ahead: to
// wait costs a guesser time, but whoever was refused here would be locked out.
const maxDelayed = 500

// Hold waits so long, or until ctx ends.
func (d *Delays) Hold(ctx context.Context, delay time.Duration) error {
	if delay <= 0 || !d.enter() {
		return ctx.Err()
	}
	defer d.leave()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Delays) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.here == maxDelayed {
		return false
	}
	d.here++
	return true
}

func (d *Delays) leave() {
	d.mu.Lock()
	d.here--
	d.mu.Unlock()
}
