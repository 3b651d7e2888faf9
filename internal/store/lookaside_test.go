package store

import "testing"

// Without it nothing fails, but everything is slower.
func TestLookaside(t *testing.T) {
	if !hasSlots {
		t.Error("SQLite has not taken the setting")
	}
}
