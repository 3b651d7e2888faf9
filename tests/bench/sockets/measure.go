package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// bench takes the figures.
type bench struct {
	size
	server  *process
	roster  []firm
	clients []*client // the idle ones, the watching first
	changed int       // how many changes were made so far
}

// signIn learns who may connect, and lets the server warm up.
func (b *bench) signIn() error {
	text, err := os.ReadFile(rosterOf(b.server.path))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &b.roster); err != nil {
		return err
	}
	warm, err := b.crowd(200, 0)
	leave(warm)
	return err
}

// settled waits until no socket is on its way out any more.
func (b *bench) settled() (state, error) {
	time.Sleep(time.Second)
	return b.server.state("settled")
}

// memory opens the idle sockets and shares out what they take.
func (b *bench) memory(context.Context) error {
	before, err := b.settled()
	if err != nil {
		return err
	}
	began := time.Now()
	if b.clients, err = b.crowd(b.idle, b.watching); err != nil {
		return err
	}
	took := time.Since(began)
	at, err := b.server.state("stats")
	if err != nil {
		return err
	}
	after, err := b.settled()
	if err != nil {
		return err
	}
	each := func(bytes int64) string { return fmt.Sprintf("%.1f KB", float64(bytes)/float64(b.idle)/1000) }
	fmt.Printf("%d sockets with one subscription each, opened in %s: %.0f a second, %s of the server's CPU each\n",
		b.idle, took.Round(time.Millisecond), float64(b.idle)/took.Seconds(), ((at.CPU - before.CPU) / time.Duration(b.idle)).Round(time.Microsecond))
	fmt.Printf("memory of one: %s resident (%s before a collection), %s heap, %s stacks, %.2f goroutines\n",
		each(after.RSS-before.RSS), each(at.RSS-before.RSS), each(after.Heap-before.Heap), each(after.Stacks-before.Stacks),
		float64(after.Goroutines-before.Goroutines)/float64(b.idle))
	fmt.Printf("the server: %d MB resident before, %d MB with them\n", before.RSS>>20, after.RSS>>20)
	return b.profile("idle")
}

// profile writes profiles where that is wanted.
func (b *bench) profile(name string) error {
	if b.profiles == "" {
		return nil
	}
	answer, err := b.server.ask(filepath.Join(b.profiles, name))
	if err == nil && answer != "<nil>" {
		err = fmt.Errorf("profile: %s", answer)
	}
	return err
}

// delivery makes changes, one after the other, and waits for all who watch.
func (b *bench) delivery(ctx context.Context) error {
	d, err := b.deliver(ctx, 3) // so that all has been read once
	if err == nil {
		d, err = b.deliver(ctx, b.changes)
	}
	if err != nil {
		return err
	}
	fmt.Printf("a change for %d subscribers: %s\n", b.watching, d)
	return nil
}

// delivered is how the delivery of changes went.
type delivered struct {
	latencies []time.Duration // from the sending of the mutation, sorted
	cpu       time.Duration   // of the server, for each delivery
}

func (d delivered) at(percent int) time.Duration {
	return d.latencies[(len(d.latencies)-1)*percent/100].Round(time.Millisecond / 10)
}

// String tells the percentiles.
func (d delivered) String() string {
	return fmt.Sprintf("%s CPU for each delivery; after %s (median), %s (p95), %s (p99), %s (longest)",
		d.cpu.Round(time.Microsecond), d.at(50), d.at(95), d.at(99), d.at(100))
}

func (b *bench) deliver(ctx context.Context, changes int) (delivered, error) {
	var d delivered
	before, err := b.server.state("stats")
	if err != nil {
		return d, err
	}
	for range changes {
		began := time.Now()
		name, err := b.change(ctx)
		if err != nil {
			return d, err
		}
		for _, c := range b.clients[:b.watching] {
			select {
			case a := <-c.tags:
				if !bytes.Contains(a.text, []byte(name)) {
					return d, fmt.Errorf("not %s, but %s", name, a.text)
				}
				d.latencies = append(d.latencies, a.at.Sub(began))
			case <-c.closed:
				return d, fmt.Errorf("a socket was closed with %d", c.code)
			case <-time.After(patience):
				return d, fmt.Errorf("%s has not come", name)
			}
		}
	}
	after, err := b.server.state("stats")
	d.cpu = (after.CPU - before.CPU) / time.Duration(len(d.latencies))
	slices.Sort(d.latencies)
	return d, err
}

// change renames the hub that is watched, and returns its new name.
func (b *bench) change(ctx context.Context) (string, error) {
	b.changed++
	name := fmt.Sprintf("Change %d.", b.changed)
	body := `{"query":"mutation($i: HubUpdateInput!) { hubUpdate(input: $i) { userErrors { message } } }","variables":{"i":{"hubId":"` +
		b.roster[0].HubID + `","name":"` + name + `"}}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.server.addr+"/graphql", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.roster[0].Tokens[0])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		return "", err
	}
	if want := `{"data":{"hubUpdate":{"userErrors":[]}}}`; text.String() != want {
		return "", fmt.Errorf("the hub is not renamed: %s", text.String())
	}
	return name, nil
}

// stalling has readers ask for much and read nothing, while changes go on.
func (b *bench) stalling(ctx context.Context) error {
	without, err := b.deliver(ctx, b.changes)
	if err != nil {
		return err
	}
	type drop struct {
		after time.Duration
		err   error
	}
	dropped := make(chan drop, b.stalled)
	for range b.stalled {
		c, err := connect(b.server.addr, b.roster[1].Tokens[0])
		if err != nil {
			return err
		}
		if err := c.stall(b.roster[0].ID); err != nil {
			return err
		}
		go func() {
			began := time.Now()
			err := c.untilDropped()
			dropped <- drop{time.Since(began), err}
		}()
	}
	time.Sleep(2 * time.Second) // until what they asked for was executed
	with, err := b.deliver(ctx, b.changes)
	if err != nil {
		return err
	}
	var longest time.Duration
	for range b.stalled {
		d := <-dropped
		if d.err != nil {
			return d.err
		}
		longest = max(longest, d.after)
	}
	fmt.Printf("%d stalled readers, each dropped within %s of its last request\n", b.stalled, longest.Round(time.Millisecond))
	fmt.Printf("the others without them: %s\nthe others beside them: %s\n", without, with)
	return nil
}

// stall subscribes, asks for more than any buffer holds, and reads nothing.
func (c *client) stall(companyID string) error {
	const schema = `{ __schema { types { name description fields(includeDeprecated: true) { name description args { name description } type { name kind } } inputFields { name description } enumValues { name description } } } }`
	for i := range 6 { // more than a megabyte
		if err := c.send(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":%s}}`, i, quoted(schema))); err != nil {
			return err
		}
	}
	return c.send(`{"type":"subscribe","id":"s","payload":{"query":` + quoted(subscription) + `,"variables":{"id":"` + companyID + `"}}}`)
}

// untilDropped gives signs of life, but reads nothing, until the server has
// cut the connection.
func (c *client) untilDropped() error {
	defer c.conn.Close()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err := c.conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)); err != nil {
			return nil
		}
	}
	return fmt.Errorf("a stalled reader is not dropped")
}

// comeAndGo opens and closes sockets, and tells what is left of them.
func (b *bench) comeAndGo(context.Context) error {
	before, err := b.settled()
	if err != nil {
		return err
	}
	for range 2 {
		clients, err := b.crowd(b.churn/2, 0)
		leave(clients)
		if err != nil {
			return err
		}
	}
	after, err := b.settled()
	if err != nil {
		return err
	}
	fmt.Printf("%d sockets came and went: %+d goroutines, %+d KB of heap\n", b.churn, after.Goroutines-before.Goroutines, (after.Heap-before.Heap)>>10)
	return nil
}

// drain stops the server and looks how all sockets end.
func (b *bench) drain(context.Context) error {
	began := time.Now()
	stopped := make(chan error, 1)
	go func() {
		_, err := b.server.stop()
		stopped <- err
	}()
	codes := map[int]int{}
	for _, c := range b.clients {
		<-c.closed
		codes[c.code]++
	}
	closed := time.Since(began)
	if err := <-stopped; err != nil {
		return fmt.Errorf("the server did not stop cleanly: %w", err)
	}
	fmt.Printf("at SIGTERM %d sockets were closed with %v within %s; the server was gone after %s\n",
		len(b.clients), codes, closed.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	return nil
}
