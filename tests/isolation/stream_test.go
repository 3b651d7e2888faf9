package isolation_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

// watch is a subscription of somebody while the play goes on.
type watch struct {
	what       string
	document   string
	isStranger bool   // to what is watched: there must be nothing
	refusal    string // how it must end then
	stream     *client.Stream

	mu     sync.Mutex
	viewer *viewer // as the person is now
	heard  []said
	end    string // how it ended: "" not yet, a code of an error, or of the socket's closing
}

// watches opens the subscriptions of everybody: to what is theirs, and to what
// is others'.
func (p *play) watches() (all []*watch) {
	p.Helper()
	roots := shortest(p.judge.schema, p.judge.schema.Subscription, overOne)
	texts := map[string]string{}
	for _, f := range fieldsOf(roots.root) {
		selected, count := roots.document(f.Name, "")
		p.filled += count
		var b strings.Builder
		roots.text(&b, selected, "Subscription", p.arguments)
		texts[f.Name] = "subscription(" + watched(f.Name)
		if strings.Contains(b.String(), "$dealer") {
			texts[f.Name] += " $dealer: ID!"
		}
		texts[f.Name] += ") " + b.String()
	}
	for turn, v := range p.viewers {
		socket, err := v.Client.Dial(p.Context())
		if v.isDead {
			if e, ok := errors.AsType[*client.CloseError](err); !ok || e.Code != 4403 {
				p.judge.finds("a socket of %s: %v, want it closed with 4403", v.name, err)
			}
			continue
		}
		if err != nil {
			p.Fatal(err)
		}
		p.Cleanup(func() { _ = socket.Close() })
		for n, f := range fieldsOf(roots.root) {
			if keeps := v.name[len(v.name)-5:]; !isTurn(n, turn) && keeps != "nager" && keeps != "enior" { // of those who are to lose a right
				continue
			}
			for _, vars := range p.scopes(v, turn, f.Name) {
				w := &watch{what: f.Name, document: texts[f.Name], viewer: v, isStranger: p.isForeign(v, vars)}
				if w.isStranger { // is not even to see this
					w.document = "subscription(" + watched(f.Name) + " $after: String) { " + f.Name +
						strings.Replace(p.arguments("Subscription", f), ")", ", after: $after)", 1) + " { __typename cursor kind occurredAt } }"
					w.refusal = "FORBIDDEN"
					switch turn % 3 {
					case 1:
						vars["after"] = beginning
					case 2: // garbage is told before anything is looked for
						vars["after"], w.refusal = "!", "BAD_USER_INPUT"
					}
				} else if strings.Contains(w.document, "$dealer") {
					vars["dealer"] = p.firms["alfa"].ID
				}
				if w.stream, err = socket.Subscribe(p.Context(), w.document, vars); err != nil {
					p.Fatal(err)
				}
				p.asked.Add(1)
				all = append(all, w)
				go w.listen(p.Context())
			}
		}
	}
	return all
}

// watched declares what a subscription watches.
func watched(field string) string {
	if field == "hubTileChanged" {
		return "$scope: HubScope!"
	}
	return "$companyId: ID!"
}

// scopes are what somebody watches: everything of one's own, or what would be,
// and things of others in turn.
func (p *play) scopes(v *viewer, turn int, field string) (all []world.Vars) {
	foreign := p.strangers(v, turn)
	first := func(kind string) string {
		i := slices.IndexFunc(foreign, func(id string) bool { return p.judge.sight.things[id].kind == kind })
		if i < 0 {
			return unknown(p.firms["alfa"].ID)
		}
		return foreign[i]
	}
	companies := []string{first("Company")}
	switch {
	case v.isOperator:
		companies = []string{p.firms["alfa"].ID, p.firms["sigma"].ID}
	case v.own["Company"] != "":
		companies = append(companies, v.own["Company"])
	}
	for _, id := range append(companies, p.firms["rho"].ID, p.firms["sigma"].ID) {
		if field != "hubTileChanged" {
			all = append(all, world.Vars{"companyId": id})
		} else if id != p.firms["sigma"].ID {
			all = append(all, world.Vars{"scope": world.Vars{"companyId": id}})
		}
	}
	if field == "hubTileChanged" {
		all = append(all, world.Vars{"scope": world.Vars{"hubIds": []string{first("Hub")}}}, world.Vars{"scope": world.Vars{"objectId": first("SecurityObject")}},
			world.Vars{"scope": world.Vars{"hubIds": []string{p.firms["alfa"].ids["running"]}}})
	}
	return all
}

// isForeign reports whether a scope is of nothing that the viewer works for.
func (p *play) isForeign(v *viewer, vars world.Vars) bool {
	text, _ := json.Marshal(vars)
	for id := range v.roles {
		for _, t := range p.judge.sight.things {
			if slices.Contains(t.of, id) && strings.Contains(string(text), t.id) && (t.kind == "Company" || t.kind == "Hub" || t.kind == "SecurityObject") {
				return false
			}
		}
	}
	return !v.isOperator
}

// listen keeps what comes, and how it ends.
func (w *watch) listen(ctx context.Context) {
	for {
		data, err := w.stream.Next(ctx)
		w.mu.Lock()
		if err != nil {
			w.end = endOf(err)
			w.mu.Unlock()
			return
		}
		w.heard = append(w.heard, said{w.viewer, "an event of " + w.what, w.document, data, nil})
		w.mu.Unlock()
	}
}

func endOf(err error) string {
	if e, ok := errors.AsType[*client.Errors](err); ok {
		return e.Code()
	}
	if e, ok := errors.AsType[*client.CloseError](err); ok {
		return strconv.Itoa(e.Code)
	}
	if errors.Is(err, io.EOF) {
		return "complete"
	}
	return err.Error()
}

// settle waits until nothing more comes.
func (p *play) settle(all []*watch) {
	p.Helper()
	count, since := -1, time.Now()
	p.Within(time.Minute, "the end of the events", func() bool {
		n := 0
		for _, w := range all {
			w.mu.Lock()
			n += len(w.heard) + len(w.end)
			w.mu.Unlock()
		}
		if n != count {
			count, since = n, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	})
}

// revokes takes rights away in the middle: streams end, and what is done
// afterwards is told to none of them.
func (p *play) revokes(all []*watch) {
	p.Helper()
	alfa, rho := p.firms["alfa"], p.firms["rho"]
	p.settle(all)
	removed, demoted, gone := alfa.people["manager"], rho.people["manager"], rho.people["senior"]
	after := map[*viewer]string{removed: "FORBIDDEN", demoted: "FORBIDDEN", gone: "4403"}
	var ended []*watch
	for _, w := range all {
		w.mu.Lock()
		staysOpen := w.viewer == demoted && w.what == "hubTileChanged" // an installer watches tiles
		if after[w.viewer] != "" && w.end == "" && !staysOpen {
			ended = append(ended, w)
		}
		w.mu.Unlock()
	}
	p.say(alfa.people["owner"], "employeeRemove", world.Vars{"employeeId": removed.own["Employee"]})
	p.say(rho.people["owner"], "employeeRoleUpdate", world.Vars{"employeeId": demoted.own["Employee"], "role": "INSTALLER"})
	p.say(gone, "userSignOut", world.Vars{"everywhere": true})
	for _, w := range ended {
		w.mu.Lock()
		less := *w.viewer
		less.roles = map[string]string{}
		w.viewer = &less // what comes from now on is judged by what is left
		w.mu.Unlock()
	}
	hub := p.say(alfa.people["owner"], "hubAdd", world.Vars{"objectId": alfa.ids["site running"], "serialNumber": serial(999_001), "name": "zzafterwards"}).Text("hub.id")
	p.say(p.viewers[0], "balanceReplenish", world.Vars{
		"resellerId": rho.ID, "amount": world.Vars{"amount": "5505.51", "currency": "EUR"}, "note": "zzafterwardsnote", "idempotencyKey": "zzafterwardskey",
	})
	p.say(rho.people["owner"], "connectionSuspend", world.Vars{"connectionId": alfa.ids["link rho"], "reason": "zzafterwardsreason"})
	if hub == "" || len(ended) < 6 {
		p.Fatalf("nothing to take rights away from: %d streams, hub %q", len(ended), hub)
	}
	p.lookOn()
	p.settle(all)
	for _, w := range ended {
		w.mu.Lock()
		for v, code := range after {
			if v.name == w.viewer.name && w.end != code {
				p.judge.finds("%s: the stream of %s, whose right is gone, ended with %q, want %s", w.what, v.name, w.end, code)
			}
		}
		w.mu.Unlock()
	}
}

// judgeStreams judges what was heard, and that strangers heard nothing.
func (p *play) judgeStreams(all []*watch) (events int) {
	for _, w := range all {
		w.mu.Lock()
		if w.isStranger && (len(w.heard) > 0 || w.end != w.refusal) {
			p.judge.finds("%s: %s watches what is somebody else's: %d events, end %q", w.what, w.viewer.name, len(w.heard), w.end)
		}
		p.tell = append(p.tell, w.heard...)
		events += len(w.heard)
		w.mu.Unlock()
	}
	p.judged()
	return events
}
