// Package ent is the graph over the database, generated from ent/schema.
package ent

// All generated code of the project comes from this one place: `make generate`.
//go:generate go run ../internal/generate
