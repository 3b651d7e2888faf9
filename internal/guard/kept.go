package guard

import (
	"container/list"
	"sync"
)

// kept remembers the values used last, as many as take no more than max bytes.
type kept[V any] struct {
	max int

	mu    sync.Mutex
	used  int
	index map[string]*list.Element
	order list.List // of *item[V], used last first
}

type item[V any] struct {
	key   string
	value V
	size  int
}

func newKept[V any](maxBytes int) *kept[V] {
	return &kept[V]{max: maxBytes, index: map[string]*list.Element{}}
}

// get returns what is remembered under the key.
func (k *kept[V]) get(key string) (value V, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, ok := k.index[key]
	if !ok {
		return value, false
	}
	k.order.MoveToFront(e)
	return e.Value.(*item[V]).value, true
}

// put remembers a value that takes size bytes, its key among them, and forgets
// those that were not used for longest. What takes a quarter of all room by
// itself is not remembered: a few of them would push out everything else.
func (k *kept[V]) put(key string, value V, size int) {
	if size > k.max/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, known := k.index[key]; known {
		k.order.MoveToFront(e)
		return
	}
	k.index[key] = k.order.PushFront(&item[V]{key, value, size})
	k.used += size
	for k.used > k.max {
		last := k.order.Remove(k.order.Back()).(*item[V])
		delete(k.index, last.key)
		k.used -= last.size
	}
}
