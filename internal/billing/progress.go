package billing

import (
	"log/slog"
	"time"

	"partnerhub/internal/fee"
)

// tell is how often a long run says how far it is.
const tell = 5 * time.Second

// progress says now and then how far a long run is.
type progress struct {
	log       *slog.Logger
	month     fee.Month
	total     int // resellers
	done      int
	lines     int // written
	isTelling bool
	tick      *time.Ticker
}

func newProgress(log *slog.Logger, month fee.Month, total int) *progress {
	return &progress{log: log, month: month, total: total, tick: time.NewTicker(tell)}
}

// booked counts resellers that are charged, with the last of their lines.
func (p *progress) booked(resellers, lines int) {
	p.done += resellers
	p.wrote(lines)
}

// wrote counts lines.
func (p *progress) wrote(n int) {
	p.lines += n
	p.say()
}

func (p *progress) say() {
	select {
	case <-p.tick.C:
		p.isTelling = true
		p.tell("charging the month")
	default:
	}
}

// stop says the end of what was said to have begun.
func (p *progress) stop() {
	p.tick.Stop()
	if p.isTelling {
		p.tell("the month is charged")
	}
}

func (p *progress) tell(what string) {
	p.log.Info(what, "month", p.month.String(), "resellers", p.done, "of", p.total, "lines", p.lines)
}
