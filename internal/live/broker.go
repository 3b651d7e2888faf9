// Package live wakes the watchers of things that changed. It carries no news:
// whoever is woken reads the activity log, which is the truth.
package live

import "sync"

// Broker knows who watches which topics. A topic is the id of a company, whose
// log has grown, or of a person, whose rights may have changed.
type Broker struct {
	mu       sync.Mutex
	watchers map[string]map[*watcher]struct{}
}

type watcher struct {
	topics []string
	call   func()
}

// NewBroker returns a broker without watchers.
func NewBroker() *Broker { return &Broker{watchers: map[string]map[*watcher]struct{}{}} }

// Watch returns a channel that gets a value after any of the topics was
// signalled, and the function that ends the watch. Signals that come before
// the watcher looks merge into one, so a slow watcher costs nothing.
func (b *Broker) Watch(topics ...string) (<-chan struct{}, func()) {
	wake := make(chan struct{}, 1)
	return wake, b.Call(func() {
		select {
		case wake <- struct{}{}:
		default: // it is to wake already
		}
	}, topics...)
}

// Call runs a function, which must not wait for anything, after each signal of
// one of the topics, until the function it returns is called.
func (b *Broker) Call(fn func(), topics ...string) (stop func()) {
	w := &watcher{topics: topics, call: fn}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range topics {
		if b.watchers[t] == nil {
			b.watchers[t] = map[*watcher]struct{}{}
		}
		b.watchers[t][w] = struct{}{}
	}
	return func() { b.forget(w) }
}

func (b *Broker) forget(w *watcher) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range w.topics {
		delete(b.watchers[t], w)
		if len(b.watchers[t]) == 0 {
			delete(b.watchers, t)
		}
	}
}

// Wake wakes the watchers of the topics. It never waits.
func (b *Broker) Wake(topics []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range topics {
		for w := range b.watchers[t] {
			w.call()
		}
	}
}

// WakeAll wakes all watchers: whoever may have missed a signal looks itself.
func (b *Broker) WakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, watchers := range b.watchers {
		for w := range watchers {
			w.call()
		}
	}
}
