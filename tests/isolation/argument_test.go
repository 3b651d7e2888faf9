package isolation_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/tests/world"
)

// A variant is a value of one argument, or of one field in the input that an
// argument takes. The foreign value of somebody else's must be answered as the
// unknown one that is nobody's.
type variant struct {
	argument string // its path, such as "filter.objectId"
	text     string // as it stands behind the argument's name
	isPair   bool   // the next variant must be answered the same
}

// values says what a plain type is asked with, as GraphQL; what differs from
// viewer to viewer is a variable. of tells the types of the pairs that are
// answered alike apart.
func (c *cast) values(t *ast.Type, name string) (plain []string, pair [][2]string) {
	wrap := func(s string) string {
		if t.Elem != nil {
			return "[" + s + "]"
		}
		return s
	}
	def := c.judge.schema.Types[t.Name()]
	if def.Kind == ast.Enum {
		for _, v := range def.EnumValues {
			plain = append(plain, wrap(v.Name))
		}
		return plain, nil
	}
	switch {
	case name == "after" || name == "before":
		return []string{"$cursor0", "$cursor1"}, nil
	case def.Name == "ID" && t.Elem != nil:
		return nil, [][2]string{{"$strangers", "$unknowns"}}
	case def.Name == "ID":
		for i := range strangersAsked {
			pair = append(pair, [2]string{fmt.Sprintf("$stranger%d", i), "$unknown"})
		}
		return nil, pair
	case def.Name == "EmailAddress":
		return nil, [][2]string{{"$mail0", "$nomail"}, {"$mail1", "$nomail"}}
	case def.Name == "String":
		return nil, [][2]string{{wrap("$word0"), wrap("$nonsense")}, {wrap("$word1"), wrap("$nonsense")}}
	case def.Name == "Int":
		return []string{"1"}, nil
	case def.Name == "Boolean":
		return []string{"true", "false"}, nil
	case def.Name == "DateTime":
		return []string{`"2026-01-20T00:00:00Z"`}, nil
	case def.Name == "Month":
		return []string{wrap(`"2026-02"`)}, nil
	case def.Name == "Decimal":
		return []string{wrap(`"13.37"`), wrap(`"61.03"`)}, nil
	case def.Name == "CurrencyCode":
		return []string{wrap(`"EUR"`), wrap(`"PLN"`), wrap(`"USD"`)}, nil
	case def.Name == "CountryCode":
		return []string{wrap(`"PL"`)}, nil
	}
	c.Fatalf("nobody knows a value of %s for %s", def.Name, name)
	return nil, nil
}

// strangersAsked is how many foreign ids an argument of one id is tried with.
const strangersAsked = 6

// variants are those of all arguments of a field, one argument at a time.
func (c *cast) variants(f *ast.FieldDefinition) (all []variant) {
	for _, a := range f.Arguments {
		for _, v := range c.inside(a.Type, a.Name) {
			v.text = a.Name + ": " + v.text
			all = append(all, v)
		}
	}
	return all
}

// inside are the variants of a value: of a plain one, or of an input with one
// of its fields given, beside those it needs.
func (c *cast) inside(t *ast.Type, path string) (all []variant) {
	def := c.judge.schema.Types[t.Name()]
	if def.Kind != ast.InputObject {
		plain, pairs := c.values(t, path[strings.LastIndex(path, ".")+1:])
		for _, p := range plain {
			all = append(all, variant{argument: path, text: p})
		}
		for _, p := range pairs {
			all = append(all, variant{argument: path, text: p[0], isPair: true}, variant{argument: path, text: p[1]})
		}
		return all
	}
	for _, f := range def.Fields {
		needed := ""
		for _, other := range def.Fields {
			if other.Type.NonNull && other != f && other.DefaultValue == nil {
				plain, _ := c.values(other.Type, other.Name)
				needed += ", " + other.Name + ": " + plain[0]
			}
		}
		for _, v := range c.inside(f.Type, path+"."+f.Name) {
			v.text = "{" + f.Name + ": " + v.text + needed + "}"
			all = append(all, v)
		}
	}
	return all
}

// questions asks about every argument of every field, as every viewer: each
// root field with arguments, and those of all things there are.
func (c *cast) questions() (arguments int) {
	c.Helper()
	for _, name := range c.typesByName() {
		for _, f := range fieldsOf(c.judge.schema.Types[name]) {
			if name == "Mutation" || name == "Subscription" || len(f.Arguments) == 0 {
				continue
			}
			tried := map[string]bool{}
			variants := c.variants(f)
			for _, v := range variants {
				tried[v.argument] = true
			}
			arguments += len(tried)
			for i, v := range c.viewers {
				if !isTurn(arguments, i) {
					continue
				}
				c.question(v, i, name, f, variants)
			}
		}
	}
	return arguments
}

func (c *cast) typesByName() (names []string) {
	for _, def := range c.judge.schema.Types {
		if !def.BuiltIn && def.Kind == ast.Object {
			names = append(names, def.Name)
		}
	}
	slices.Sort(names)
	return names
}

// question asks a field with all its variants.
func (c *cast) question(v *viewer, turn int, typ string, f *ast.FieldDefinition, variants []variant) {
	c.Helper()
	given := c.given(v, turn, typ+"."+f.Name)
	var fields strings.Builder
	used := map[int]string{}
	for i, vary := range variants {
		if strings.Contains(vary.text, "$cursor") && given["cursor0"] == nil {
			continue // of a list that is empty for everybody
		}
		used[i] = fmt.Sprintf("v%d", i)
		args := vary.text
		for _, a := range f.Arguments {
			if a.Type.NonNull && a.DefaultValue == nil && !strings.HasPrefix(vary.text, a.Name+":") {
				args += ", " + a.Name + ": " + needed[a.Name]
			}
		}
		fmt.Fprintf(&fields, " v%d: %s(%s)%s", i, f.Name, args, c.plainly(f))
	}
	body, found := c.within(typ, fields.String())
	if found != nil && !slices.ContainsFunc(found, func(kind string) bool { return v.finds[kind] }) {
		return // has no way to them: see finds
	}
	document := "query" + declared(body) + " " + body
	variables := world.Vars{}
	for name, value := range given {
		if strings.Contains(document, "$"+name+":") {
			variables[name] = value
		}
	}
	if strings.Contains(body, "$ids") {
		variables["ids"] = ids(c.judge.sight.list(func(t *thing) bool { return slices.Contains(found, t.kind) }))
	}
	r := c.ask(v, typ+"."+f.Name, document, variables)
	for i, vary := range variants {
		if vary.isPair && used[i] != "" {
			c.alike(v, fmt.Sprintf("%s.%s(%s)", typ, f.Name, vary.argument), r, used[i], used[i+1])
		}
	}
}

// needed are the values of arguments that a field cannot do without.
var needed = map[string]string{
	"country": `"PL"`, "after": `"` + beginning + `"`, "scope": "{companyId: $own}", "dealerId": "$own", "id": "$own", "ids": "[$own]", "email": `$nomail`,
}

// types of the variables.
var variableTypes = map[string]string{"strangers": "[ID!]!", "unknowns": "[ID!]!", "unknown": "ID!", "own": "ID!", "ids": "[ID!]!", "input": ""}

// declared declares the variables that stand in a text.
func declared(body string) string {
	names := map[string]bool{}
	for _, m := range variableNames.FindAllString(body, -1) {
		names[m[1:]] = true
	}
	var list []string
	for name := range names {
		typ := variableTypes[name]
		switch {
		case strings.HasPrefix(name, "stranger") && typ == "":
			typ = "ID!"
		case strings.HasSuffix(strings.TrimRight(name, "01"), "mail"):
			typ = "EmailAddress!"
		case strings.HasPrefix(name, "word"), strings.HasPrefix(name, "cursor"), name == "nonsense":
			typ = "String!"
		}
		list = append(list, "$"+name+": "+typ)
	}
	slices.Sort(list)
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// plainly selects what tells which things an answer has.
func (c *cast) plainly(f *ast.FieldDefinition) string {
	target := c.judge.schema.Types[f.Type.Name()]
	switch {
	case !isComposite(target):
		return ""
	case isPage(target.Name):
		return " { __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } edges { __typename cursor } nodes { __typename id } }"
	case target.Kind == ast.Interface || target.Fields.ForName("id") != nil:
		return " { __typename id }"
	case target.Name == "HubTileChanges":
		return " { __typename hasMore isSnapshot cursor events { __typename hubId } }"
	}
	return " { __typename " + target.Fields[0].Name + " }"
}

// within puts fields of a type where they are reached: at the root, in things,
// or in what is part of them.
func (c *cast) within(typ, fields string) (body string, kinds []string) {
	switch {
	case typ == "Query":
		return "{" + fields + " }", nil
	case typ == "Charge":
		return "{ nodes(ids: $ids) { __typename ... on Transaction { id charge { __typename" + fields +
			" } } ... on ResellerOverview { id nextCharge { __typename" + fields + " } } } }", []string{"Transaction", "ResellerOverview"}
	case slices.Contains(c.judge.schema.Types[typ].Interfaces, "Node"):
		return "{ nodes(ids: $ids) { __typename ... on " + typ + " { id" + fields + " } } }", []string{typ}
	}
	c.Fatalf("nobody knows the way to %s, which has a field with arguments", typ)
	return "", nil
}
