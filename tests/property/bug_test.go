package property_test

import (
	"testing"

	"partnerhub/tests/property/model"
)

// What the property test has found, step by step.

// script plays the cast and compares the worlds after each of the steps.
func script(t *testing.T, steps ...func(*play)) {
	t.Helper()
	tp := prepare(t, 0)
	p := &play{fatal: t.Fatalf, log: t.Logf, place: tp.place, file: tp.file, ids: tp.ids}
	p.setUp()
	p.open()
	defer p.close()
	for _, step := range steps {
		step(p)
		p.compare()
	}
	p.verify()
}

// The fees that were counted for the running month follow the reseller into
// another currency (A44).
func TestCurrencyChange_countsFeesAnew(t *testing.T) {
	d0, r1 := 0, 1
	script(t,
		func(p *play) {
			p.request(model.Call{By: p.boss(p.cast.dealers[d0])}, p.cast.dealers[d0], p.cast.resellers[r1])
		},
		func(p *play) { p.decide(p.boss(p.cast.resellers[r1]), p.w.Connections[2], "APPROVE", "") },
		func(p *play) {
			choice := model.Choice{Package: p.w.Packages[0], Link: p.w.Connections[2]}
			p.activate(model.Call{By: p.boss(p.cast.dealers[d0])}, p.w.Hubs[0], choice)
		},
		func(p *play) { p.enroll(p.cast.operator, p.cast.resellers[r1], "EUR", nil) },
		func(p *play) { p.advance(p.cast.operator, p.w.NextBoundary(p.w.Now)) },
	)
}

// A price that is saved at the very instant of an activation is the one that
// the account pays (A26).
func TestPrice_savedAtTheInstantOfAnActivation(t *testing.T) {
	script(t,
		func(p *play) {
			p.activate(model.Call{By: p.boss(p.cast.dealers[0])}, p.w.Hubs[0], model.Choice{Package: p.w.Packages[0]})
		},
		func(p *play) { p.save(p.cast.operator, "AJAX_SIM", map[string]int64{"EUR": 75}, nil, nil) },
		func(p *play) { p.advance(p.cast.operator, p.w.NextBoundary(p.w.Now)) },
	)
}

// A service whose pending end has passed is over before the late run has ended
// it: verify does not take that for a fault (A46).
func TestVerify_whileTheRunIsLate(t *testing.T) {
	by := func(p *play) model.Call { return model.Call{By: p.boss(p.cast.dealers[0])} }
	script(t,
		func(p *play) { p.activate(by(p), p.w.Hubs[0], model.Choice{Package: p.w.Packages[0]}) },
		func(p *play) { p.advance(p.cast.operator, p.w.NextBoundary(p.w.NextBoundary(p.w.Now))) },
		func(p *play) { p.change(by(p), p.w.Hubs[0], "DEACTIVATE") },
		func(p *play) { p.drift(p.w.NextBoundary(p.w.Now)) },
	)
}
