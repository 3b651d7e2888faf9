package identity

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

// Forty passwords at once take the memory of as many hashes as there are
// cores, and what the collector is late for: not that of forty.
func TestHashing_Memory(t *testing.T) {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() int {
		metrics.Read(heap)
		return int(heap[0].Value.Uint64() >> 20)
	}
	runtime.GC()
	before, peak := read(), 0
	done := make(chan struct{})
	var watching, all sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				peak = max(peak, read()-before)
			}
		}
	})
	for range 40 {
		all.Go(func() {
			if _, err := hashPassword(t.Context(), "correct horse battery"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(done)
	watching.Wait()
	t.Logf("%d MiB at most, on %d cores", peak, cores)
	if most := 10 * int(cores) * hashMemory >> 10; peak > most {
		t.Errorf("%d MiB, of at most %d", peak, most)
	}
}
