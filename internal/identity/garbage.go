package identity

import (
	"runtime"
	"runtime/metrics"
	"sync"
)

// garbage is what hashes have left in the heap since the collector last ran.
//
// By itself the collector takes what is being hashed for what lives, and lets
// as much again pile up: a hundred passwords at once took the memory of six. So
// each hash is followed by a collection, but where the rest of the heap is
// large: then what hashes leave may become as much as that, which is what the
// collector allows everything, and a server with many sockets does not look
// through all they hold for each sign-in.
var garbage struct {
	sync.Mutex
	size  int64  // bytes
	cycle uint64 // of the collector
}

// collect counts the bytes that a hash has left, and has them collected where
// they are much.
func collect(left int64) {
	heap := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	cycle, live := heap[0].Value.Uint64(), int64(heap[1].Value.Uint64())

	garbage.Lock()
	if garbage.cycle != cycle {
		garbage.cycle, garbage.size = cycle, 0
	}
	garbage.size += left
	// Hashes may have been in the making when the collector counted what lives.
	much := garbage.size >= live-cores*hashMemory<<10
	garbage.Unlock()
	if much {
		runtime.GC()
	}
}
