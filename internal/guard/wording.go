package guard

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// A type as it is written, its name caught: [Hub!]! is Hub.
const typeForm = `"(\[?\w+!?\]?!?)"`

// phrase is what is said instead of a message of the validator, in which
// anything of the document may stand. $1 and $2 are what the form catches: they
// have to be names of the schema, or the sentence of the rule is said.
type phrase struct {
	form     *regexp.Regexp
	sentence string
}

func phrases(pairs ...string) []phrase {
	list := make([]phrase, len(pairs)/2)
	for i := range list {
		list[i] = phrase{regexp.MustCompile(`(?s)^` + pairs[2*i]), pairs[2*i+1]}
	}
	return list
}

// wordings are the sentences of the rules, and what may be said more exactly.
var wordings = map[string]struct {
	sentence string
	exact    []phrase
}{
	"FieldsOnCorrectType":       {"The type has no such field.", phrases(`Cannot query field "\w*" on type `+typeForm, `The type "$1" has no such field.`)},
	"FragmentsOnCompositeTypes": {"A fragment is of an object, an interface or a union.", nil},
	"KnownArgumentNames": {"There is no such argument.", phrases(
		`Unknown argument "\w*" on field "(\w+)\.(\w+)"`, `The field "$1.$2" has no such argument.`,
		`Unknown argument "\w*" on directive`, `The directive has no such argument.`)},
	"KnownDirectives":         {"There is no such directive, or it may not stand here.", nil},
	"KnownFragmentNames":      {"There is no such fragment.", nil},
	"KnownRootType":           {"There is no such kind of operation.", nil},
	"KnownTypeNames":          {"There is no such type.", nil},
	"LoneAnonymousOperation":  {"An operation without a name has to be the only one.", nil},
	"NoDefer":                 {"The directive @defer is not supported.", nil},
	"NoFragmentCycles":        {"A fragment may not spread itself, nor through others.", nil},
	"NoUndefinedVariables":    {"The operation does not define the variable.", nil},
	"NoUnusedFragments":       {"The fragment is never used.", nil},
	"NoUnusedVariables":       {"The variable is never used.", nil},
	"PossibleFragmentSpreads": {"A fragment of its type is never of the type here.", nil},
	"ProvidedRequiredArguments": {"An argument is required.", phrases(
		`Field "(\w+)" argument "(\w+)" of type `, `The field "$1" needs the argument "$2".`,
		`Directive "@(\w+)" argument "(\w+)" of type `, `The directive "@$1" needs the argument "$2".`)},
	"ScalarLeafs": {"The field has to have a selection exactly where its type has fields.", phrases(
		`Field "(\w+)" must not have a selection`, `The field "$1" has no fields to select.`,
		`Field "(\w+)" of type "[^"]*" must have a selection`, `The field "$1" needs a selection of fields.`)},
	"SingleFieldSubscriptions":    {"A subscription has exactly one field, and no introspection.", nil},
	"UniqueArgumentNames":         {"An argument may be given once.", nil},
	"UniqueDirectivesPerLocation": {"The directive may stand here once.", nil},
	"UniqueFragmentNames":         {"Two fragments have one name.", nil},
	"UniqueInputFieldNames":       {"A field of an input may be given once.", nil},
	"UniqueOperationNames":        {"Two operations have one name.", nil},
	"UniqueVariableNames":         {"Two variables have one name.", nil},
	"ValuesOfCorrectType": {"The value is not of the type that is expected here.", phrases(
		`Expected value of type `+typeForm, `Expected a value of type "$1".`,
		`Enum `+typeForm+` cannot represent`, `Expected a value of the enum "$1".`,
		`Value .* does not exist in `+typeForm+` enum\.$`, `Expected a value of the enum "$1".`,
		`(Int|Float|String|Boolean|ID) cannot represent`, `Expected a value of type "$1".`,
		`Field "(\w+)\.(\w+)" of required type`, `The field "$2" of "$1" is required.`,
		`Field "(\w+)\.(\w+)" must be non-null`, `The field "$2" of "$1" may not be null.`,
		`OneOf Input Object "(\w+)"`, `The input "$1" takes exactly one field.`,
		`Field "\w*" is not defined by type `+typeForm, `The input "$1" has no such field.`)},
	"VariablesAreInputTypes": {"A variable is of an input type.", nil},
	"VariablesInAllowedPosition": {"A variable of this type may not stand here.", phrases(
		`Variable "[^"]*" of type "[^"]*" used in position expecting type `+typeForm, `The variable stands where the type "$1" is expected.`)},
}

// wording says a fault of a document without words of the document, except for
// names that the schema has: what was written wrong may be a password.
func wording(schema *ast.Schema, e *gqlerror.Error) string {
	rule, known := wordings[strings.TrimSuffix(e.Rule, "WithoutSuggestions")]
	if !known {
		return "The document is not valid."
	}
	for _, p := range rule.exact {
		found := p.form.FindStringSubmatchIndex(e.Message)
		if found == nil {
			continue
		}
		for i := 2; i < len(found); i += 2 {
			if !hasName(schema, strings.Trim(e.Message[found[i]:found[i+1]], "[]!")) {
				return rule.sentence
			}
		}
		return string(p.form.ExpandString(nil, p.sentence, e.Message, found))
	}
	return rule.sentence
}

// hasName reports whether a type, field, argument or directive of the schema
// has the name.
func hasName(schema *ast.Schema, name string) bool {
	if schema.Types[name] != nil || schema.Directives[name] != nil {
		return true
	}
	for _, d := range schema.Directives {
		if d.Arguments.ForName(name) != nil {
			return true
		}
	}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			if f.Name == name || f.Arguments.ForName(name) != nil {
				return true
			}
		}
	}
	return false
}

// Misfit says what is wrong with a variable that does not fit its type: where
// in the variables, and what is expected there. Of the names on the way it has
// those of the schema; a variable's own stands in the document, at the place
// that the error has.
func (g *Gate) Misfit(op *ast.OperationDefinition, e *gqlerror.Error) *gqlerror.Error {
	out := &gqlerror.Error{Message: "The variables do not fit their types.", Extensions: e.Extensions}
	if len(e.Path) < 2 || op == nil {
		return out
	}
	name, _ := e.Path[1].(ast.PathName)
	v := op.VariableDefinitions.ForName(string(name))
	if v == nil {
		return out
	}
	if v.Position != nil {
		out.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
	}
	place, at := "variables.*", v.Type
	if hasName(g.schema, string(name)) {
		place = "variables." + string(name)
	}
	for _, step := range e.Path[2:] {
		if i, ok := step.(ast.PathIndex); ok && at.Elem != nil {
			place, at = place+"."+strconv.Itoa(int(i)), at.Elem
			continue
		}
		var field *ast.FieldDefinition
		if n, ok := step.(ast.PathName); ok && g.schema.Types[at.Name()] != nil {
			field = g.schema.Types[at.Name()].Fields.ForName(string(n))
		}
		if field == nil {
			return say(out, place, `has a field that "`+at.Name()+`" does not have`)
		}
		place, at = place+"."+field.Name, field.Type
	}
	switch e.Message {
	case "must be defined":
		return say(out, place, "is required")
	case "cannot be null":
		return say(out, place, "may not be null")
	}
	return say(out, place, `is no value of type "`+at.String()+`"`)
}

// say finishes the error with the place and what is wrong there.
func say(e *gqlerror.Error, place, what string) *gqlerror.Error {
	e.Message = place + " " + what + "."
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions["place"] = place
	return e
}
