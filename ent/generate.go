package ent

// All generated code of the project comes from this one place: `make generate`.
//go:generate go run ../internal/generate
