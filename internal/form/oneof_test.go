package form_test

import (
	"errors"
	"slices"
	"testing"

	"partnerhub/internal/form"
)

func TestOneOf(t *testing.T) {
	for _, c := range []struct {
		given []bool
		fine  bool
	}{
		{[]bool{true, false}, true},
		{[]bool{false, false, true}, true},
		{[]bool{false, false}, false},
		{[]bool{true, true}, false},
		{nil, false},
	} {
		err := form.OneOf([]string{"reseller"}, c.given...)
		if c.fine != (err == nil) {
			t.Errorf("%v: %v", c.given, err)
		}
		if err != nil && (!errors.Is(err, form.ErrOneOf) || !slices.Equal(err.Path, []string{"input", "reseller"})) {
			t.Errorf("%v: %v at %q", c.given, err, err.Path)
		}
	}
}
