package guard

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// What an operation costs: a point for each field that has fields of its own,
// times the pages around it. (A mutation 10, an item of hubProvision 2.)
func TestGate_points(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	for _, c := range []struct {
		query     string
		variables map[string]any
		want      int
	}{
		{`{ streamCursor }`, nil, 0},
		{`{ rateLimit { remaining } }`, nil, 0},
		{`{ __schema { queryType { name } } }`, nil, 1701},
		{`{ __type(name: "Hub") { fields { name } } b: __type(name: "Hub") { name } }`, nil, 201},
		{`{ viewer { id name } }`, nil, 1},
		{`{ viewer { id } again: viewer { id } }`, nil, 2},
		{`{ viewer { id } viewer { name } ...{ viewer { email } } ...F ...F } fragment F on Query { viewer { language } }`, nil, 1},
		{`{ viewer { employments(first: 10) { totalCount pageInfo { hasNextPage } nodes { company { id } } } } }`, nil, 1 + 1 + 1 + 10*2},
		{`{ viewer { employments(last: 10) { edges { node { company { id } } } } } }`, nil, 1 + 1 + 10*3},
		{`{ viewer { employments { nodes { id } } } }`, nil, 2 + 20},
		{`{ viewer { employments(first: null) { nodes { id } } } }`, nil, 2 + 20},
		{`{ viewer { employments(first: 0) { totalCount nodes { company { id } } } } }`, nil, 2},
		{`{ viewer { employments(first: 100) { nodes { id } } } }`, nil, 2 + 100},
		{`{ viewer { employments(first: 101) { nodes { id } } } }`, nil, 2}, // refused where it is read
		{`{ viewer { employments(first: -1) { nodes { id } } } }`, nil, 2},
		{`{ viewer { employments(first: 2147483647, last: -2147483648) { nodes { id } } } }`, nil, 2},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, nil, 2 + 20},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, map[string]any{"n": nil}, 2 + 20},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, map[string]any{"n": int64(7)}, 2 + 7},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, map[string]any{"n": json.Number("7")}, 2 + 7},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, map[string]any{"n": "7"}, 2 + 7},
		{`query($n: Int) { viewer { employments(first: $n) { nodes { id } } } }`, map[string]any{"n": "99999999999999999999"}, 2},
		{`{ viewer { employments(first: 3) { nodes { company { hubs(first: 5) { nodes { object { id } } } } } } } }`, nil, 2 + 3*(1+1+1+5*2)},
		{`{ viewer { sessions { id } } }`, nil, 2},
		{`{ hub(id: 1) { activationOptions { packages { monthlyFee { amount } } } } }`, nil, 3 + 20},
		{`{ hub(id: 1) { object { id } service { hub { object { id } } } } }`, nil, 5},
		{`{ node(id: 1) { id ...on Hub { object { id } } ...on HubService { hub { id } } } }`, nil, 3},
		{`{ nodes(ids: [1, 2, 3]) { id ...on Hub { object { id } } } }`, nil, 3 + 3},
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id ...on Hub { object { id } } } }`, map[string]any{"ids": []any{"a", "b"}}, 2 + 2},
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]any, 100)}, 100},
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]any, 101)}, 1}, // refused where it is read
		{`{ nodes(ids: 1) { id } }`, nil, 1},
		{`{ hubTileChanges(scope: {hubIds: [1]}, after: "x") { events { hub { id } } } }`, nil, 1 + 100*2},
		{`{ hubTileChanges(scope: {hubIds: [1]}, after: "x", first: 500) { events { kind hub { id } } } }`, nil, 1 + 500*2},
		{`mutation { userSignOut(input: {}) { userErrors { code } } }`, nil, 10},
		{`mutation { userSignOut(input: {}) { userErrors { code } } b: userSignOut(input: {}) { userErrors { code } } }`, nil, 20},
		{`mutation($i: HubProvisionInput!) { hubProvision(input: $i) { results { isExisting } } }`, map[string]any{"i": map[string]any{"items": make([]any, 50)}}, 10 + 100},
		{`mutation($i: HubProvisionInput!) { hubProvision(input: $i) { results { hub { object { company { id } } } } } }`, map[string]any{"i": map[string]any{"items": make([]any, 50)}}, 1 + 50*4},
		{`mutation($i: [HubProvisionItemInput!]!) { hubProvision(input: {companyId: 1, items: $i}) { results { isExisting } } }`, map[string]any{"i": make([]any, 50)}, 10 + 100},
		{`mutation { hubProvision(input: {companyId: 1, items: []}) { results { isExisting } } }`, nil, 10},
		{`subscription { hubTileChanged(scope: {hubIds: [1]}) { hub { object { id } } } }`, nil, 3},
	} {
		points, list := check(g, c.query, "", c.variables)
		if len(list) > 0 || points != c.want {
			t.Errorf("%s with %v: %d points, %v; want %d", c.query, c.variables, points, list, c.want)
		}
	}
}

// An operation of 5,000 points passes; one more is refused, by name. What is
// too much for a number is too much.
func TestGate_cost(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	hubs := func(objects, hubs string) string {
		return `{ company(id: 1) { objects(first: ` + objects + `) { nodes { hubs(first: ` + hubs + `) { nodes { id } } } } } }`
	}
	points, list := check(g, hubs("98", "49")+`#`, "", nil)
	if len(list) > 0 || points != 2+98*51 {
		t.Errorf("%d points: %v", points, list)
	}
	limits := testLimits
	for cost, ok := range map[int]bool{2 + 98*51: true, 2 + 98*51 - 1: false} {
		limits.Cost = cost
		points, list := check(NewGate(testSchema, limits), hubs("98", "49"), "", nil)
		if (len(list) == 0) != ok {
			t.Errorf("limit %d: %v", cost, list)
		}
		if !ok && (list[0].Extensions["limit"] != "cost" || list[0].Extensions["value"] != 2+98*51 || list[0].Extensions["maximum"] != cost || points != refusedPoints) {
			t.Errorf("limit %d: %v, counts %d", cost, list[0].Extensions, points)
		}
	}
	deep := `{ company(id: 1) ` + strings.Repeat(`{ objects(first: 2000000000) { nodes { hubs(first: 2000000000) { nodes { object { company `, 2) + `{ id }` + strings.Repeat(`}}}}}}`, 2) + `}`
	limits.Depth, limits.Page.Max, limits.Cost = 100, math.MaxInt32, 5000
	if _, list = check(NewGate(testSchema, limits), deep, "", nil); len(list) == 0 || list[0].Extensions["value"] != math.MaxInt {
		t.Errorf("too much for a number: %v", list)
	}
}
