package lifecycle_test

import (
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/lifecycle"
)

// The free days are over at their end, and with the service. (A38 A40)
func TestOnTrial(t *testing.T) {
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status service.Status
		ends   *time.Time
		now    time.Time
		want   bool
	}{
		{service.StatusACTIVE, nil, end.Add(-time.Hour), false},
		{service.StatusACTIVE, &end, end.Add(-time.Microsecond), true},
		{service.StatusSUSPENDED, &end, end.Add(-time.Hour), true},
		{service.StatusACTIVE, &end, end, false},
		{service.StatusENDED, &end, end.Add(-time.Hour), false},
	} {
		if got := lifecycle.OnTrial(&ent.Service{Status: c.status, TrialEndsAt: c.ends}, c.now); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
