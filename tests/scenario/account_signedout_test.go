package scenario_test

import (
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// Signed out, every operation but those that open an account and tell about
// the server needs credentials, whatever its input; and dead or damaged ones
// are none. (R113 R124)
func TestSignedOut(t *testing.T) {
	w := world.New(t)
	open := []string{
		"userSignUp", "userSignIn", "userEmailVerify", "userEmailVerificationResend", "userPasswordResetRequest", "userPasswordReset",
		"viewer", "serverInfo", "rateLimit",
	}
	ended := w.Person("Jan")
	w.OK(ended.Mutate("userSignOut", world.Vars{}, `isSignedOut`))
	callers := map[string]*world.Person{
		"nobody": w.Nobody(), "a session that has ended": ended, "garbage": w.Holder("hubs_garbage"),
		"a wrong checksum": w.Holder("hubs_" + strings.Repeat("0", 49)),
	}
	asked := 0
	for kind, root := range map[string]string{"query": "queryType", "mutation": "mutationType"} {
		for _, field := range rootFields(w, root) {
			for name, p := range callers {
				if slices.Contains(open, field.name) {
					continue
				}
				asked++
				if a := p.Query(kind + " { " + field.call + " }"); a.Code() != "UNAUTHENTICATED" || a.Get(field.name) != nil {
					t.Errorf("%s as %s: %v, %v", field.name, name, a.Data, a.Errors)
				}
			}
		}
	}
	if asked < 4*30 {
		t.Errorf("only %d fields were asked for", asked)
	}
}

type rootField struct{ name, call string }

// rootFields returns the fields of a root with a call of each that is valid.
func rootFields(w *world.World, root string) (fields []rootField) {
	w.Helper()
	const kind = `kind name ofType { kind name ofType { kind name ofType { kind name } } }`
	a := w.OK(w.Query(`{ __schema { ` + root + ` { fields { name type { ` + kind + ` } args { name type { ` + kind + ` } } } }
		types { name kind isOneOf enumValues { name } inputFields { name defaultValue type { ` + kind + ` } } } } }`))
	types := map[string]world.Answer{}
	for _, item := range a.List("__schema.types") {
		described := world.Answer{Data: item}
		types[described.Text("name")] = described
	}
	for _, item := range a.List("__schema." + root + ".fields") {
		f := world.Answer{Data: item}
		var args []string
		for _, item := range f.List("args") {
			arg := world.Answer{Data: item}
			if value := anyValue(types, arg); value != "" {
				args = append(args, arg.Text("name")+": "+value)
			}
		}
		call := f.Text("name")
		if len(args) > 0 {
			call += "(" + strings.Join(args, ", ") + ")"
		}
		if !isLeaf(f) {
			call += " { __typename }"
		}
		fields = append(fields, rootField{f.Text("name"), call})
	}
	return fields
}

// isLeaf reports whether a field has no fields of its own.
func isLeaf(f world.Answer) bool {
	named := world.Answer{Data: f.Get("type")}
	for named.Get("ofType") != nil {
		named = world.Answer{Data: named.Get("ofType")}
	}
	return named.Text("kind") == "SCALAR" || named.Text("kind") == "ENUM"
}

// anyValue returns a value that an argument or input field takes, "" where it
// needs none.
func anyValue(types map[string]world.Answer, of world.Answer) string {
	if of.Text("type.kind") != "NON_NULL" || of.Get("defaultValue") != nil {
		return ""
	}
	named := world.Answer{Data: of.Get("type.ofType")}
	if named.Text("kind") == "LIST" {
		return "[]"
	}
	described := types[named.Text("name")]
	switch described.Text("kind") {
	case "ENUM":
		return described.Text("enumValues.0.name")
	case "INPUT_OBJECT":
		var fields []string
		for _, item := range described.List("inputFields") {
			f := world.Answer{Data: item}
			if value := anyValue(types, f); value != "" {
				fields = append(fields, f.Text("name")+": "+value)
			}
		}
		if described.Get("isOneOf") == true {
			return "{" + described.Text("inputFields.0.name") + `: "x"}`
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	switch named.Text("name") {
	case "Int", "Long":
		return "1"
	case "Boolean":
		return "true"
	case "DateTime":
		return `"2026-01-15T12:00:00Z"`
	case "Month":
		return `"2026-01"`
	}
	return `"x"`
}
