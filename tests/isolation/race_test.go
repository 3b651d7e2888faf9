//go:build race

package isolation_test

// turns: the race detector makes all of it ten times as slow, and looks for
// other faults. So each thing is done by every eighth viewer, in turn.
const turns = 8
