package isolation_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/tests/world"
)

// slot is a field of a mutation's input that takes an id.
type slot struct {
	mutation *ast.FieldDefinition
	path     []string
	kind     string
}

// kindsOf are the types of the things that id fields name, by the last words
// of their paths.
var kindsOf = map[string]string{
	"companyId": "Company", "dealerId": "Company", "resellerId": "Company", "reseller.id": "Company", "hubId": "Hub", "fromHubId": "Hub",
	"toHubId": "Hub", "objectId": "SecurityObject", "object.id": "SecurityObject", "connectionId": "DealerLink", "employeeId": "Employee",
	"sessionId": "Session", "transactionId": "Transaction", "packageId": "ServicePackage",
}

// typed are values of the other fields that an input cannot do without.
var typed = map[string]any{
	"name": "X", "email": "zzznonsense@people.example", "role": "INSTALLER", "serialNumber": "00C0FFEE", "iccid": "894801999999999999",
	"country": "PL", "registrationNumber": "1", "acceptsTerms": true, "currency": "EUR", "amount": "1.00", "note": "X", "confirmName": "X",
	"direction": "DEBIT", "idempotencyKey": "zzznonsense", "dealerNumber": "X",
}

// slots are all id fields of all inputs, from the schema.
func (c *cast) slots() (all []slot) {
	c.Helper()
	for _, m := range fieldsOf(c.judge.schema.Mutation) {
		for _, path := range c.idsIn(m.Arguments[0].Type, nil) {
			kind := kindsOf[path[len(path)-1]]
			if kind == "" && len(path) > 1 {
				kind = kindsOf[strings.Join(path[len(path)-2:], ".")]
			}
			if kind == "" {
				c.Fatalf("nobody knows what %s of %s names", strings.Join(path, "."), m.Name)
			}
			all = append(all, slot{m, path, kind})
		}
	}
	return all
}

func (c *cast) idsIn(t *ast.Type, path []string) (all [][]string) {
	def := c.judge.schema.Types[t.Name()]
	if def.Name == "ID" {
		return [][]string{path}
	}
	if def.Kind == ast.InputObject {
		for _, f := range def.Fields {
			all = append(all, c.idsIn(f.Type, append(slices.Clone(path), f.Name))...)
		}
	}
	return all
}

// input makes an input with the id in the slot, and beside it what it needs:
// ids of the viewer's own things.
func (c *cast) input(v *viewer, t *ast.Type, path []string, at string, id string) any {
	c.Helper()
	def := c.judge.schema.Types[t.Name()]
	switch {
	case def.Name == "ID" && len(path) == 0 && id != "":
		return wrapped(t, id)
	case def.Name == "ID":
		own := v.own[kindsOf[at]]
		if own == "" {
			own = unknown(c.firms["alfa"].ID)
		}
		return wrapped(t, own)
	case def.Kind != ast.InputObject:
		if typed[at] == nil {
			c.Fatalf("nobody knows a value for %s", at)
		}
		return typed[at]
	}
	in := world.Vars{}
	for _, f := range def.Fields {
		onPath := len(path) > 0 && path[0] == f.Name
		isOneOf := def.Directives.ForName("oneOf") != nil
		switch {
		case onPath:
			in[f.Name] = c.input(v, f.Type, path[1:], f.Name, id)
		case f.Type.NonNull && f.DefaultValue == nil, isOneOf && f == def.Fields[0] && len(path) == 0:
			in[f.Name] = c.input(v, f.Type, nil, f.Name, "")
			if isOneOf && f.Name == "id" && v.own["SecurityObject"] != "" && def.Name == "ObjectRef" {
				in[f.Name] = v.own["SecurityObject"]
			}
		}
	}
	return wrapped(t, in)
}

func wrapped(t *ast.Type, value any) any {
	if t.Elem != nil {
		return []any{value}
	}
	return value
}

// changes tries every mutation with foreign ids in every field that takes one,
// as every viewer: the answers are as those with an id that does not exist, and
// nothing is changed by it.
func (c *cast) changes() (slots int) {
	c.Helper()
	before := c.dump()
	all := c.slots()
	for n, s := range all {
		for i, v := range c.viewers {
			if !isTurn(n, i) {
				continue
			}
			c.change(v, n+i, s)
		}
	}
	c.billed()
	c.unchanged(before)
	return len(all)
}

// billed tries a dealer's other connection on a hub that the reseller bills:
// the reseller sees the hub, but must not learn that the connection exists.
func (c *cast) billed() {
	c.Helper()
	alfa := c.firms["alfa"]
	const document = `mutation($a: ServiceActivateInput!, $b: ServiceActivateInput!) { m0: serviceActivate(input: $a) { __typename userErrors ` + refused +
		` } m1: serviceActivate(input: $b) { __typename userErrors ` + refused + ` } }`
	for _, v := range c.firms["rho"].people {
		link := alfa.ids["link tau"]
		r := c.ask(v, "serviceActivate.connectionId", document, world.Vars{
			"a": world.Vars{"hubId": alfa.ids["running"], "connectionId": link},
			"b": world.Vars{"hubId": alfa.ids["running"], "connectionId": unknown(link)},
		})
		c.alike(v, "serviceActivate.connectionId on a hub that is billed", r, "m0", "m1")
	}
}

func (c *cast) change(v *viewer, turn int, s slot) {
	c.Helper()
	strangers := c.judge.sight.list(v.isStranger)
	if len(strangers) == 0 {
		return
	}
	ofKind := slices.DeleteFunc(slices.Clone(strangers), func(t *thing) bool { return t.kind != s.kind })
	tried := []string{strangers[(turn*7)%len(strangers)].id}
	for i := range min(2, len(ofKind)) {
		tried = append(tried, ofKind[(turn+i)%len(ofKind)].id)
	}
	tried = append(tried, unknown(c.firms["alfa"].ID))
	if len(ofKind) > 0 {
		tried[len(tried)-1] = unknown(ofKind[0].id)
	}
	var head, body strings.Builder
	variables := world.Vars{}
	for i, id := range tried {
		fmt.Fprintf(&head, "$i%d: %s ", i, s.mutation.Arguments[0].Type)
		fmt.Fprintf(&body, " m%d: %s(input: $i%d) %s", i, s.mutation.Name, i, c.refusal(s.mutation))
		variables[fmt.Sprintf("i%d", i)] = c.input(v, s.mutation.Arguments[0].Type, s.path, "", id)
	}
	what := s.mutation.Name + "." + strings.Join(s.path, ".")
	r := c.ask(v, what, "mutation("+head.String()+") {"+body.String()+" }", variables)
	last := len(tried) - 1
	for i := range last {
		c.alike(v, what, r, fmt.Sprintf("m%d", i), fmt.Sprintf("m%d", last))
	}
}

// refusal selects all that a refusal tells, and what would tell of an effect.
func (c *cast) refusal(m *ast.FieldDefinition) string {
	text := "{ __typename"
	for _, f := range fieldsOf(c.judge.schema.Types[m.Type.Name()]) {
		switch {
		case f.Name == "userErrors":
			text += " userErrors " + refused
		case f.Name == "results":
			text += " results { __typename isExisting hub { __typename id } service { __typename id } userErrors " + refused + " }"
		default:
			text += " " + f.Name + c.plainly(f)
		}
	}
	return text + " }"
}

const refused = `{ __typename code message path ... on InputError { existing { __typename id } }
	... on StateError { subject { __typename id } allowedActions allowedConnectionActions }
	... on ServicesActiveError { activeServiceCount hubs { __typename id } } }`

// dump is all there is in the database, by table. What a request itself
// leaves, such as the hour of a session's use, is left out.
func (c *cast) dump() map[string][]row {
	c.Helper()
	ctx := context.Background()
	names, err := read(ctx, c.db, "sqlite_master WHERE type = 'table' AND name NOT IN ('sessions', 'mails', 'settings')")
	if err != nil {
		c.Fatal(err)
	}
	all := map[string][]row{}
	for _, n := range names {
		if all[n.text("name")], err = read(ctx, c.db, n.text("name")); err != nil {
			c.Fatal(err)
		}
	}
	return all
}

// unchanged fails where the database is not as it was.
func (c *cast) unchanged(before map[string][]row) {
	c.Helper()
	after := c.dump()
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if !reflect.DeepEqual(before[table], after[table]) {
			c.judge.finds("the database: %s has changed: %d rows, before it were %d", table, len(after[table]), len(before[table]))
		}
	}
}
