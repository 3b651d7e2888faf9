package store

// // go-sqlite3 leaves this setting out. The weak name is resolved where the
// // program is linked, to the SQLite that go-sqlite3 brings.
// extern int sqlite3_config(int, ...) __attribute__((weak));
//
// static int lookaside(int size, int slots) {
// 	return sqlite3_config ? sqlite3_config(13 /* SQLITE_CONFIG_LOOKASIDE */, size, slots) : -1;
// }
import "C"

// slots is how many pieces of memory, of 1200 bytes each, every connection to
// SQLite has at hand. It comes with 40, which the statements that it remembers
// fill; whatever runs then goes to malloc for each of its cursors. See the
// monthly run in docs/benchmarks.md for what that costs.
const slots = 500

// hasSlots reports whether SQLite has taken the setting, which it does before
// its first use alone.
var hasSlots = C.lookaside(1200, slots) == 0
