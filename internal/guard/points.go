package guard

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// refusedPoints is what an operation counts that was refused: it was read.
const refusedPoints = 1

const pointsExtension = "points"

// PointsOf returns what the operation of ctx counts against the rate of its
// caller. It is known from the preparation of the operation on, before it is
// dispatched, by every transport; a refused operation counts one point, and
// where there is none it is zero.
func PointsOf(ctx context.Context) int {
	if !graphql.HasOperationContext(ctx) {
		return 0
	}
	points, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(pointsExtension).(int)
	return points
}

func setPoints(op *graphql.OperationContext, points int) {
	op.Stats.SetExtension(pointsExtension, points)
}
