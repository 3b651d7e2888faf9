package guard

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Gate is what every operation passes before it is executed, whichever
// transport it came by.
type Gate struct {
	limits Limits
}

// NewGate returns a gate with the limits.
func NewGate(l Limits) *Gate { return &Gate{limits: l} }

// Admit looks at a document before it is parsed.
func (g *Gate) Admit(p *graphql.RawParams) gqlerror.List {
	if r := Weigh(p.Query, g.limits); r != nil {
		return gqlerror.List{r.GraphQL()}
	}
	return nil
}

// Charge weighs an operation whose variables are known.
func (g *Gate) Charge(op *graphql.OperationContext) gqlerror.List {
	setPoints(op, refusedPoints)
	return nil
}
