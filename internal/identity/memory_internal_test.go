package identity

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

// Forty passwords at once take the memory of as many hashes as there are
// cores: what a hash leaves is collected before the next begins.
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
	if most := 2 * int(cores) * hashMemory >> 10; peak > most {
		t.Errorf("%d MiB, of at most %d", peak, most)
	}
}

// Where much else lives in the heap, hashes do not have all of it looked
// through each time.
func TestHashing_LargeHeap(t *testing.T) {
	rest := make([]byte, (cores+4)*hashMemory<<10)
	runtime.GC()
	cycles := []metrics.Sample{{Name: "/gc/cycles/forced:gc-cycles"}}
	metrics.Read(cycles)
	before := cycles[0].Value.Uint64()
	for range 3 {
		if _, err := hashPassword(t.Context(), "correct horse battery"); err != nil {
			t.Error(err)
		}
	}
	metrics.Read(cycles)
	if forced := cycles[0].Value.Uint64() - before; forced > 0 {
		t.Errorf("%d collections for three hashes, beside %d MiB", forced, len(rest)>>20)
	}
	runtime.KeepAlive(rest)
}
