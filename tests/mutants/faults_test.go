package main

import "testing"

// Each fault still finds what it replaces: rules move on, and a fault that is
// laid over nothing would say nothing.
func TestFaults_areUpToDate(t *testing.T) {
	t.Chdir("../..")
	names := map[string]bool{}
	for _, f := range faults {
		if names[f.name] {
			t.Errorf("two faults are called %q", f.name)
		}
		names[f.name] = true
		if _, err := f.plant(t.TempDir()); err != nil {
			t.Error(err)
		}
	}
}
