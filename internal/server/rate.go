package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/internal/errs"
	"partnerhub/internal/guard"
	"partnerhub/internal/rate"
	"partnerhub/internal/viewer"
)

// errRateLimited answers a caller who has spent the points of this minute.
var errRateLimited = errs.NewForProgrammer(errs.RateLimited, "errorRateLimited")

// Headers that tell how a caller stands. The seconds of the last are until the
// bucket is full again.
const (
	headerLimit     = "RateLimit-Limit"
	headerRemaining = "RateLimit-Remaining"
	headerReset     = "RateLimit-Reset"
)

// admitHTTP takes an operation's points from the caller's budget, and tells
// what is left in the headers of the answer.
func (s *Server) admitHTTP(ctx context.Context, op *graphql.OperationContext, header http.Header) (context.Context, error) {
	if s.budgets == nil {
		return ctx, nil
	}
	standing, err := s.spend(ctx, op)
	header.Set(headerLimit, strconv.Itoa(standing.Limit))
	header.Set(headerRemaining, strconv.Itoa(standing.Remaining))
	header.Set(headerReset, strconv.Itoa(seconds(time.Until(standing.FullAt))))
	if err != nil {
		header.Set("Retry-After", strconv.Itoa(seconds(standing.RetryAfter)))
		return nil, err
	}
	return rate.With(ctx, standing), nil
}

// admitSocket takes the points of a socket's operation from the same budget.
func (s *Server) admitSocket(ctx context.Context, op *graphql.OperationContext) (context.Context, error) {
	if s.budgets == nil {
		return ctx, nil
	}
	standing, err := s.spend(ctx, op)
	if err != nil {
		return nil, err
	}
	return rate.With(ctx, standing), nil
}

// stepPoints are what a step of a stream costs besides its selection: the log
// is read, and the rights of the reader are looked up again for the event. So
// does its start. One takes about 0.6 ms of a core, which is twice what as many
// points buy otherwise; but streams get only half of the points.
const stepPoints = 10

// pace waits until the caller has the points for the next step of a stream, whose
// selection costs so many. It is slowed, never refused: a stream with holes would
// be wrong.
func (s *Server) pace(ctx context.Context, selection int) error {
	if s.budgets == nil {
		return nil
	}
	kind, caller := payer(ctx)
	return s.budgets.Wait(ctx, kind, caller, stepPoints+selection)
}

// spend takes the points of an operation: the person's, or, of who is not
// signed in, the network's.
func (s *Server) spend(ctx context.Context, op *graphql.OperationContext) (rate.Standing, error) {
	kind, caller := payer(ctx)
	standing, paid := s.budgets.Spend(kind, caller, points(ctx, op), time.Now())
	if !paid {
		wait := seconds(standing.RetryAfter)
		return standing, errRateLimited.With("count", wait).About(errs.Retry{Seconds: wait})
	}
	return standing, nil
}

// payer is who pays in this context.
func payer(ctx context.Context) (rate.Kind, string) {
	if person := viewer.From(ctx).UserID; person != "" {
		return rate.Person, person
	}
	return rate.Address, viewer.Address(ctx)
}

// hasSpent reports that the caller has not a point left.
func (s *Server) hasSpent(ctx context.Context) bool {
	if s.budgets == nil {
		return false
	}
	kind, caller := payer(ctx)
	standing, _ := s.budgets.Spend(kind, caller, 0, time.Now())
	return standing.Remaining < 1
}

// points are what an operation costs. One that cannot be executed costs one:
// somebody had to find that out. To ask for nothing but the budget is free, so
// that whoever has spent it can see when to come again; but not in a document
// that has much besides, which would be read for free.
func points(ctx context.Context, op *graphql.OperationContext) int {
	if op.Operation != nil && guard.IsSmall(op.RawQuery) && asksOnlyFor(op.Operation, "rateLimit") {
		return 0
	}
	price := max(guard.PointsOf(ctx), 1)
	if isSubscription(ctx) {
		price += stepPoints
	}
	return price
}

// seconds rounds up, so that whoever waits so long is not too early.
func seconds(d time.Duration) int { return max(int(math.Ceil(d.Seconds())), 0) }
