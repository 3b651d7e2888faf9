package live_test

import (
	"sync"
	"testing"

	"partnerhub/internal/live"
)

func woken(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestBroker_wakesWhoWatchesAndMergesSignals(t *testing.T) {
	b := live.NewBroker()
	one, stop := b.Watch("co_1", "usr_1")
	two, _ := b.Watch("co_2")
	b.Wake([]string{"co_1"})
	b.Wake([]string{"usr_1", "co_3"})
	if !woken(one) || woken(one) {
		t.Error("two signals must be one wake-up")
	}
	if woken(two) {
		t.Error("woken by a foreign topic")
	}
	stop()
	b.Wake([]string{"co_1"})
	if woken(one) {
		t.Error("woken after the end of the watch")
	}
}

func TestBroker_manyAtOnce(t *testing.T) {
	b := live.NewBroker()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c, stop := b.Watch("a", "b")
				b.Wake([]string{"b"})
				if !woken(c) {
					t.Error("missed a signal")
				}
				stop()
			}
		})
	}
	wg.Wait()
}
