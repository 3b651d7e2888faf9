package graph

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"sync/atomic"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"partnerhub/internal/errs"
)

// ErrAnswerTooLarge answers whoever asks for more at once than an answer may
// hold.
var ErrAnswerTooLarge = errs.NewForProgrammer(errs.ComplexityLimit, "errorAnswerTooLarge")

// answerSize is how large an answer has become while it is put together.
type answerSize struct {
	most     int64
	left     atomic.Int64
	exceeded atomic.Bool
	reserved atomic.Bool // room for all of it was made
}

type answerKey struct{}

// WithAnswerLimit returns the context of one answer of at most so many bytes.
func WithAnswerLimit(ctx context.Context, bytes int) context.Context {
	size := &answerSize{most: int64(bytes)}
	size.left.Store(int64(bytes))
	return context.WithValue(ctx, answerKey{}, size)
}

// MeasureAnswer counts the bytes of a field. Once there are more than an answer
// may hold, its texts and lists come out empty, so that nothing is read and
// kept in memory for an answer that nobody will get: [LimitAnswer] refuses it.
func MeasureAnswer(ctx context.Context, next graphql.Resolver) (any, error) {
	res, err := next(ctx)
	size, ok := ctx.Value(answerKey{}).(*answerSize)
	if !ok || err != nil {
		return res, err
	}
	const around = len(`"":,`)
	bytes := around + len(graphql.GetFieldContext(ctx).Field.Alias)
	v := reflect.Indirect(reflect.ValueOf(res))
	switch kind := v.Kind(); {
	case kind == reflect.String:
		bytes += v.Len()
	case kind == reflect.Slice:
		bytes += 2 + v.Len() // objects have their fields counted; what else there is, is short
	}
	if size.left.Add(-int64(bytes)) >= 0 {
		return res, nil
	}
	size.exceeded.Store(true)
	switch full := reflect.ValueOf(res); {
	case full.Kind() == reflect.Slice:
		return reflect.MakeSlice(full.Type(), 0, 0).Interface(), nil
	case full.Kind() == reflect.String:
		return reflect.Zero(full.Type()).Interface(), nil
	case v.Kind() == reflect.String:
		return reflect.New(v.Type()).Interface(), nil
	}
	return res, nil
}

// ReserveAnswer has an answer written into room that was made for all of it at
// once: a buffer that grows by itself holds it up to three times. What nobody
// will get is not written at all.
func ReserveAnswer(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	root := next(ctx)
	size, ok := ctx.Value(answerKey{}).(*answerSize)
	if !ok || root == nil || root == graphql.Null {
		return root
	}
	if size.exceeded.Load() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		if buf, ok := w.(*bytes.Buffer); ok && size.reserved.CompareAndSwap(false, true) {
			used := size.most - size.left.Load()
			buf.Grow(int(used + used/8)) // what is short was not counted
		}
		root.MarshalGQL(w)
	})
}

// LimitAnswer refuses an answer that has become too large, and keeps most
// errors of another, each of at most errorSize bytes. Each root field that is
// null keeps one besides.
func LimitAnswer(most, errorSize int) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		r := next(ctx)
		if r == nil {
			return nil
		}
		if size, ok := ctx.Value(answerKey{}).(*answerSize); ok && size.exceeded.Load() {
			graphql.AddError(ctx, ErrAnswerTooLarge)
			all := graphql.GetErrors(ctx)
			r = &graphql.Response{Errors: all[len(all)-1:]}
		}
		r.Errors = fewer(r.Errors, r.Data, most)
		for i, err := range r.Errors {
			if len(err.Message) > errorSize {
				cut := *err
				cut.Message = cutText(err.Message, errorSize)
				r.Errors[i] = &cut
			}
		}
		return r
	}
}

// fewer returns the first errors, and then one of each root field that is null
// without one.
func fewer(list gqlerror.List, data []byte, most int) gqlerror.List {
	if len(list) <= most {
		return list
	}
	kept := list[:most:most]
	missing := nullFields(data)
	for i, err := range list {
		if len(missing) == 0 {
			break
		}
		root := rootOf(err)
		if !missing[root] {
			continue
		}
		delete(missing, root)
		if i >= most {
			kept = append(kept, err)
		}
	}
	return kept
}

// rootOf is the name under which the error's root field is answered.
func rootOf(err *gqlerror.Error) string {
	if len(err.Path) == 0 {
		return ""
	}
	name, _ := err.Path[0].(ast.PathName)
	return string(name)
}

// cutText shortens a text to a number of bytes, and whole characters.
func cutText(s string, size int) string {
	const rest = "…"
	end := max(0, size-len(rest))
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + rest
}

// nullFields returns the names of the members that are null, of an object as
// gqlgen writes it: without space between. It reads each byte once, and keeps
// nothing but those names.
func nullFields(data []byte) map[string]bool {
	found := map[string]bool{}
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := endOfText(data, i)
			if depth == 1 && hasPrefixAt(data, end, ":null") {
				found[string(data[i+1:end-1])] = true
			}
			i = end - 1
		}
	}
	return found
}

// endOfText returns where the string that begins at i is over.
func endOfText(data []byte, i int) int {
	for i++; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(data))
}

func hasPrefixAt(data []byte, i int, prefix string) bool {
	return len(data) >= i+len(prefix) && string(data[i:i+len(prefix)]) == prefix
}
