package scenario_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// An answer beyond the limit is refused as a whole, in the same words on each
// transport, and the next one is answered.
func TestAnswer_Limit(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.Answer = 4 << 10 })
	const large, small = `{ __schema { types { name description } } }`, `{ __schema { queryType { name } } }`
	socket := dial(w, w.Person("Jan"))
	for _, accept := range []string{"application/json", "application/graphql-response+json", "text/event-stream"} {
		_, text := post(w, "", large, "Accept", accept)
		if !strings.Contains(text, "COMPLEXITY_LIMIT_EXCEEDED") || strings.Contains(text, `"data":{`) || len(text) > 2000 {
			t.Errorf("%s: %.500s", accept, text)
		}
		if _, text := post(w, "", small, "Accept", accept); !strings.Contains(text, `{"name":"Query"}`) {
			t.Errorf("%s: %.500s", accept, text)
		}
	}
	for document, want := range map[string]string{large: "COMPLEXITY_LIMIT_EXCEEDED", small: `{"name":"Query"}`} {
		stream, err := socket.Subscribe(t.Context(), document, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Next(t.Context())
		if got := fmt.Sprint(string(answer), err); !strings.Contains(got, want) {
			t.Errorf("%s: %.500s", document, got)
		}
	}
}

// eventStream reads the server-sent events of a subscription.
func eventStream(w *world.World, token, document string, variables world.Vars) *bufio.Scanner {
	w.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": "Bearer " + token} {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = answer.Body.Close() })
	return bufio.NewScanner(answer.Body)
}

// nextEvent returns the name and the data of the next event, "" at the end.
func nextEvent(lines *bufio.Scanner) (name, data string) {
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			name = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data: "):
			data = strings.TrimPrefix(line, "data: ")
		case line == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

// Who loses the role loses the event stream too, soon and before anything that
// happens afterwards, also where nothing happens; what the person may still see
// goes on. (R18, A49)
func TestEventStream_RoleLost(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	other := f.Dealer("Second Job")
	shop := other.Hub("Shop")
	person := f.Person("Ewa")
	first := f.dealer.Employs(person, "INSTALLER")
	other.Employs(person, "INSTALLER")
	const document = `subscription($id: ID!) { hubTileChanged(scope: {companyId: $id}) { kind hub { name } } }`
	secret := token(f.World, person)
	here := eventStream(f.World, secret, document, world.Vars{"id": f.dealer.ID})
	there := eventStream(f.World, secret, document, world.Vars{"id": other.ID})
	for lines, name := range map[*bufio.Scanner]string{here: "Villa", there: "Shop"} {
		if event, data := nextEvent(lines); event != "next" || !strings.Contains(data, name) {
			t.Fatalf("%s %s", event, data)
		}
	}
	f.OK(f.dealer.Owner.Mutate("employeeRemove", world.Vars{"employeeId": first}, `removedEmployeeId`))
	from := time.Now()
	f.walks(villa, "Activate")
	if event, data := nextEvent(here); event != "next" || !strings.Contains(data, "FORBIDDEN") || strings.Contains(data, "Villa") {
		t.Errorf("%s %s", event, data)
	}
	if event, data := nextEvent(here); event != "complete" {
		t.Errorf("%s %s", event, data)
	}
	if event, data := nextEvent(here); event != "" {
		t.Errorf("after the end: %s %s", event, data)
	}
	if took := time.Since(from); took > soon {
		t.Errorf("the stream ended after %s", took)
	}
	f.OK(other.Owner.Mutate("hubUpdate", world.Vars{"hubId": shop.ID, "name": "Shop 2"}, `hub { id }`))
	if event, data := nextEvent(there); event != "next" || !strings.Contains(data, "Shop 2") {
		t.Errorf("%s %s", event, data)
	}
}
