package guard

import (
	"strconv"

	"partnerhub/internal/errs"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of documents that are none.
const (
	parseFailed      errs.Code = "GRAPHQL_PARSE_FAILED"
	validationFailed errs.Code = "GRAPHQL_VALIDATION_FAILED"
)

// Refusal is why a document is not executed. Nothing of the document stands in
// it but a place.
type Refusal struct {
	Code         errs.Code
	Message      string
	Limit        string // name of the limit passed, as the flag has it; "" for other reasons
	Value        int    // what was reached; it may have been counted no further
	Max          int
	Line, Column int // from 1; 0 where the whole document is meant
}

// Error is for logs.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// GraphQL returns the refusal as a top-level error, with the limit, the value
// and the maximum beside the code.
func (r *Refusal) GraphQL() *gqlerror.Error {
	e := &gqlerror.Error{Message: r.Message, Extensions: map[string]any{"code": string(r.Code)}}
	if r.Limit != "" {
		e.Extensions["limit"], e.Extensions["value"], e.Extensions["maximum"] = r.Limit, r.Value, r.Max
	}
	if r.Line > 0 {
		e.Locations = []gqlerror.Location{{Line: r.Line, Column: r.Column}}
	}
	return e
}

// over is the refusal of a document that passes a limit.
func over(limit, what string, value, limitValue int) *Refusal {
	return &Refusal{
		Code: errs.ComplexityLimit, Limit: limit, Value: value, Max: limitValue,
		Message: "The document has " + what + ": " + strconv.Itoa(value) + ", and " + strconv.Itoa(limitValue) + " is the limit " + limit + ".",
	}
}
