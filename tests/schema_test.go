package tests

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/schema"
)

func load(t *testing.T) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: schema.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every list that can grow is a page: it takes the four arguments, and no
// field returns entities as a bare list unless it says how many at most.
func TestNoListWithoutAPage(t *testing.T) {
	bounded := map[string]string{
		"Query.nodes":                   "as many as were asked for, at most 100",
		"Query.serviceCountries":        "the countries of the world",
		"User.sessions":                 "at most 100",
		"ServicesActiveError.hubs":      "at most 20",
		"ActivationOptions.packages":    "what is on sale",
		"ActivationOptions.connections": "one dealer's active connections",
		"HubTileChanges.events":         "a page of events",
		"HubProvisionPayload.results":   "one for each item, at most 100",
		"Hub.serviceActions":            "the steps of the lifecycle",
		"Hub.removalBlockers":           "the reasons there can be",
		"Company.deletionBlockers":      "the reasons there can be",
		"ActivationOptions.blockers":    "the reasons there can be",
		"Company.onboarding":            "the steps there are",
		"Transaction.corrections":       "at most 100; the operator makes few",
		"DealerActivity.packages":       "what is on sale and was",
		"ServicePackage.names":          "one for each language",
		"ServicePackage.prices":         "what the operator saved",
	}
	s := load(t)
	for _, def := range s.Types {
		if def.BuiltIn || def.Kind != ast.Object || strings.HasSuffix(def.Name, "Connection") {
			continue
		}
		for _, f := range def.Fields {
			where := def.Name + "." + f.Name
			if strings.HasSuffix(f.Type.Name(), "Connection") {
				for _, a := range []string{"first", "after", "last", "before"} {
					if f.Arguments.ForName(a) == nil {
						t.Errorf("%s takes no %s", where, a)
					}
				}
			}
			element := s.Types[f.Type.Name()]
			isComposite := element.Kind == ast.Object || element.Kind == ast.Interface
			if f.Type.Elem != nil && isComposite && f.Name != "userErrors" && !strings.HasPrefix(f.Name, "__") && bounded[where] == "" {
				t.Errorf("%s is a list without a page", where)
			}
		}
	}
}

// Everything in the contract with the clients is described.
func TestEverythingIsDescribed(t *testing.T) {
	for _, def := range load(t).Types {
		if def.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s has no description", def.Name)
		}
		for _, f := range def.Fields {
			if f.Description == "" && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has no description", def.Name, f.Name)
			}
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", def.Name, v.Name)
			}
		}
	}
}

// Every mutation takes one input and answers with a payload of its own that
// can be null and has userErrors.
func TestMutationsHaveOneForm(t *testing.T) {
	s := load(t)
	for _, f := range s.Mutation.Fields {
		name := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if len(f.Arguments) != 1 || f.Arguments[0].Name != "input" || f.Arguments[0].Type.String() != name+"Input!" {
			t.Errorf("%s does not take input: %sInput!", f.Name, name)
		}
		if f.Type.String() != name+"Payload" {
			t.Errorf("%s answers %s", f.Name, f.Type)
			continue
		}
		if e := s.Types[name+"Payload"].Fields.ForName("userErrors"); e == nil || e.Type.String() != "[UserError!]!" {
			t.Errorf("%sPayload has no userErrors: [UserError!]!", name)
		}
	}
}
