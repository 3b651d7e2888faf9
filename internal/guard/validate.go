package guard

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// mostFaults is how many faults of a document are told; the search ends there.
const mostFaults = 8

// checks are the rules of the specification and one of ours, in the order in
// which faults at one place are told. Missing are those on merging and on the
// depth of introspection, which have their own ways here. None suggests names:
// who may not ask for the schema does not learn it from suggestions.
var checks = []validator.Rule{
	rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
	rules.FragmentsOnCompositeTypesRule,
	rules.KnownArgumentNamesRuleWithoutSuggestions,
	rules.KnownDirectivesRule,
	rules.KnownFragmentNamesRule,
	rules.KnownRootTypeRule,
	rules.KnownTypeNamesRuleWithoutSuggestions,
	rules.LoneAnonymousOperationRule,
	rules.NoFragmentCyclesRule,
	rules.NoUndefinedVariablesRule,
	rules.NoUnusedFragmentsRule,
	rules.NoUnusedVariablesRule,
	rules.PossibleFragmentSpreadsRule,
	rules.ProvidedRequiredArgumentsRule,
	rules.ScalarLeafsRuleWithoutSuggestions,
	rules.SingleFieldSubscriptionsRule,
	rules.UniqueArgumentNamesRule,
	rules.UniqueDirectivesPerLocationRule,
	rules.UniqueFragmentNamesRule,
	rules.UniqueOperationNamesRule,
	rules.UniqueVariableNamesRule,
	rules.VariablesAreInputTypesRule,
	rules.VariablesInAllowedPositionRule,
	noDefer,
}

// checksOfValues are the rules to which a value is the same in whatever
// operation its fragment is spread.
var checksOfValues = []validator.Rule{
	rules.UniqueInputFieldNamesRule,
	rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	numbersInRange,
}

// numbersInRange finds numbers in places of our own scalars that no variable
// of a program can hold: they are read before the scalar looks at them.
var numbersInRange = validator.Rule{Name: rules.ValuesOfCorrectTypeRule.Name, RuleFunc: func(events *validator.Events, add validator.AddErrFunc) {
	events.OnValue(func(_ *validator.Walker, v *ast.Value) {
		if v.Kind != ast.IntValue && v.Kind != ast.FloatValue || v.Definition == nil || v.Definition.BuiltIn {
			return
		}
		if _, err := v.Value(nil); err != nil {
			add(core.At(v.Position))
		}
	})
}}

// needed returns the variables of each operation of a valid document that stand
// where null may not, and may be null by their type: for one with a default that
// is allowed.
//
// It also takes from the places of variables which operation was looked at last.
// Executed, a variable has its default from the operation that is asked for;
// that of another, with which it shares a fragment, would stand in for it.
func needed(schema *ast.Schema, doc *ast.QueryDocument) map[*ast.OperationDefinition][]*ast.Value {
	found := map[*ast.OperationDefinition][]*ast.Value{}
	events := &validator.Events{}
	events.OnValue(func(w *validator.Walker, v *ast.Value) {
		defined := v.VariableDefinition
		if v.VariableDefinition = nil; v.Kind != ast.Variable || w.CurrentOperation == nil || defined == nil {
			return
		}
		if v.ExpectedType != nil && v.ExpectedType.NonNull && !defined.Type.NonNull {
			found[w.CurrentOperation] = append(found[w.CurrentOperation], v)
		}
	})
	validator.Walk(schema, doc, events)
	return found
}

// noDefer finds who wants parts of the answer later. gqlgen knows the directive
// in every schema, and would send the first part alone.
var noDefer = validator.Rule{Name: "NoDefer", RuleFunc: func(events *validator.Events, add validator.AddErrFunc) {
	events.OnDirective(func(_ *validator.Walker, d *ast.Directive) {
		if d.Name == "defer" {
			add(core.At(d.Position))
		}
	})
}}

// enough ends the walk through a document that has faults enough.
type enough struct{}

// validate returns the faults of a document, and has the parser's types set.
func validate(schema *ast.Schema, doc *ast.QueryDocument, l Limits) (faults gqlerror.List) {
	if faults = walk(schema, doc); len(faults) > 0 {
		return faults
	}
	c := conflicts{schema: schema, left: visitsPerField * l.Fields}
	for _, op := range doc.Operations {
		c.in(op)
		switch {
		case c.found != nil:
			return gqlerror.List{fault("Fields that are answered under one name have to be the same, with the same arguments. Use aliases.", c.found.Position)}
		case c.left < 0:
			r := over("fields", "too many fields that are answered under one name", l.Fields+1, l.Fields)
			return gqlerror.List{r.GraphQL()}
		}
	}
	return nil
}

// visitsPerField is how often a field may be looked at, on average, in search
// of conflicts. Twice is what it takes where no interfaces are about.
const visitsPerField = 20

// walk runs the checks. Those of values see each definition by itself: the walk
// through a document enters a fragment anew from each operation, and from each
// fragment.
func walk(schema *ast.Schema, doc *ast.QueryDocument) (faults gqlerror.List) {
	ofValues := look(schema, &ast.QueryDocument{Operations: doc.Operations}, checksOfValues)
	for _, f := range doc.Fragments {
		ofValues = append(ofValues, look(schema, &ast.QueryDocument{Fragments: ast.FragmentDefinitionList{f}}, checksOfValues)...)
	}
	// Last, since the walk also notes in the document which fragment is meant where.
	faults = append(look(schema, doc, checks), ofValues...)
	return faults[:min(len(faults), mostFaults)]
}

// look walks through a document with some checks.
func look(schema *ast.Schema, doc *ast.QueryDocument, checks []validator.Rule) (faults gqlerror.List) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(enough); !ok {
				panic(p)
			}
		}
	}()
	events := &validator.Events{}
	for _, check := range checks {
		check.RuleFunc(events, func(options ...validator.ErrorOption) {
			e := &gqlerror.Error{Rule: check.Name}
			for _, o := range options {
				o(e)
			}
			faults = append(faults, fault(wording(schema, e), nil))
			faults[len(faults)-1].Locations = e.Locations
			if len(faults) == mostFaults {
				panic(enough{})
			}
		})
	}
	validator.Walk(schema, doc, events)
	return faults
}

func fault(message string, at *ast.Position) *gqlerror.Error {
	e := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(validationFailed)}}
	if at != nil {
		e.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return e
}
