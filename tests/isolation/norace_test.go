//go:build !race

package isolation_test

// turns: everything is done by everybody.
const turns = 1
