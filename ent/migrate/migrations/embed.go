// Package migrations holds the versioned changes of the database, one set for
// each dialect, written by `make migration` from ent/schema.
package migrations

import "embed"

// Files are the folders sqlite and postgres.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
