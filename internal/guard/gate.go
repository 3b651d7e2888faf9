package guard

import (
	"context"
	"errors"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Gate is what every operation passes before it is executed, whichever
// transport it came by. It keeps the documents that passed, and the texts that
// clients name by their hashes.
type Gate struct {
	// Spent reports that the caller has nothing left to pay with: a document is
	// then not read, unless it is small or known. Nil is nobody.
	Spent func(ctx context.Context) bool

	schema    *ast.Schema
	limits    Limits
	documents *kept[*document]
	texts     *kept[string] // by the hexadecimal SHA-256 of each
}

// document is what a text was found to be. It is shared by all that send the
// text, and never changed.
type document struct {
	ast   *ast.QueryDocument
	plans []plan // of its operations
}

// NewGate returns a gate to the schema.
func NewGate(schema *ast.Schema, l Limits) *Gate {
	return &Gate{schema: schema, limits: l, documents: newKept[*document](l.Kept), texts: newKept[string](l.Kept / 4)}
}

type documentKey struct{}

// Admit finds the document of a request: among those kept, or by weighing,
// parsing and validating its text. The context that it returns has the
// document; the gate's executor takes it from there. Where the request names
// its text by a hash alone, the text is put into p.
//
// What is refused is not kept.
func (g *Gate) Admit(ctx context.Context, p *graphql.RawParams) (context.Context, gqlerror.List) {
	hash, err := g.persisted(p)
	if err != nil {
		return ctx, gqlerror.List{err}
	}
	d, known := g.documents.get(p.Query)
	if !known {
		if g.Spent != nil && !IsSmall(p.Query) && g.Spent(ctx) {
			return ctx, gqlerror.List{told(errs.RateLimited, "Nothing is read for a caller without points.")}
		}
		var list gqlerror.List
		if d, list = g.read(p.Query); len(list) > 0 {
			return ctx, list
		}
	}
	if hash != "" {
		g.texts.put(hash, p.Query, len(hash)+len(p.Query))
	}
	if d.ast.Operations.ForName(p.OperationName) == nil {
		return ctx, gqlerror.List{fault(noOperation, nil)}
	}
	return context.WithValue(ctx, documentKey{}, d), nil
}

// IsSmall reports a document that takes about as long to be read as to be
// refused.
func IsSmall(query string) bool { return len(query) <= 1000 }

const noOperation = "The document has no operation of that name, or several and the name was not given."

// read makes a document of a text, and keeps it.
func (g *Gate) read(text string) (*document, gqlerror.List) {
	tokens, refusal := weigh(text, g.limits)
	if refusal != nil {
		return nil, gqlerror.List{refusal.GraphQL()}
	}
	tree, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, gqlerror.List{unparsed(err)}
	}
	if len(tree.Operations) == 0 {
		return nil, gqlerror.List{fault("The document has no operation.", nil)}
	}
	if faults := validate(g.schema, tree, g.limits); len(faults) > 0 {
		return nil, faults
	}
	d := &document{ast: tree, plans: make([]plan, len(tree.Operations))}
	variables := needed(g.schema, tree)
	for i, op := range tree.Operations {
		var fault *gqlerror.Error
		if d.plans[i], fault = planOf(g.schema, op, &g.limits); fault != nil {
			return nil, gqlerror.List{fault}
		}
		d.plans[i].needed = variables[op]
	}
	g.documents.put(text, d, sizeOf(text, tokens))
	return d, nil
}

// sizeOf is about how many bytes a document takes. The text is in it once,
// since the names in it are parts of the text.
func sizeOf(text string, tokens int) int { return len(text) + 500*tokens + 1000 }

// Get returns the document of the context, which Admit put there: to the
// executor the gate is the cache of documents, and one that always has it.
func (g *Gate) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	d, ok := ctx.Value(documentKey{}).(*document)
	if !ok {
		return nil, false
	}
	return d.ast, true
}

// Add does nothing: what passes is kept already.
func (g *Gate) Add(context.Context, string, *ast.QueryDocument) {}

var _ graphql.Cache[*ast.QueryDocument] = (*Gate)(nil)

// Charge returns what an operation costs, whose document Admit put into the
// context and whose variables are known, and refuses it when that is too much.
// From here on [PointsOf] tells the points.
func (g *Gate) Charge(ctx context.Context, op *graphql.OperationContext) gqlerror.List {
	setPoints(op, refusedPoints)
	d, ok := ctx.Value(documentKey{}).(*document)
	if !ok || op.Operation == nil {
		return nil
	}
	for i, o := range d.ast.Operations {
		if o != op.Operation {
			continue
		}
		if at := d.plans[i].missing(op.Variables); at != nil {
			r := &Refusal{Code: errs.BadUserInput, Message: "The variable is null, which may not stand here.", Line: at.Line, Column: at.Column}
			return gqlerror.List{r.GraphQL()}
		}
		if list := g.misnamed(o, op.Variables); len(list) > 0 {
			return list
		}
		points := d.plans[i].cost(op.Variables)
		if points > g.limits.Cost {
			r := over("cost", "too many points", points, g.limits.Cost)
			r.Line, r.Column = o.Position.Line, o.Position.Column
			return gqlerror.List{r.GraphQL()}
		}
		setPoints(op, points)
	}
	return nil
}

// Refused returns the operation context of a request that was not admitted.
func Refused(p *graphql.RawParams) *graphql.OperationContext {
	op := &graphql.OperationContext{RawQuery: p.Query, OperationName: p.OperationName, Extensions: p.Extensions, Headers: p.Headers}
	setPoints(op, refusedPoints)
	return op
}

// unparsed is the fault of a text that the parser does not take. What the
// parser says of it may have words of the text.
func unparsed(err error) *gqlerror.Error {
	r := &Refusal{Code: parseFailed, Message: "The text is no GraphQL document."}
	shown := r.GraphQL()
	if e, ok := errors.AsType[*gqlerror.Error](err); ok {
		shown.Locations = e.Locations
		if len(e.Locations) > 0 {
			shown.Message = "The text is no GraphQL document from line " + e.Locations[0].String() + " on."
		}
	}
	return shown
}
