// Package guard weighs GraphQL documents before anything costly is done with
// them.
//
// [Weigh] reads the text once, token by token, and refuses what is too large,
// too deep or too often repeated before a parser has recursed into it. What
// passes is parsed, validated and kept by a [Gate], together with what each of
// its operations costs: the same text again is only looked up. The cost is
// then that of one operation with its variables, and refused or left to the
// rate limit, which asks [PointsOf].
package guard

// Limits are what a document and an operation may be. Each is at least 1. The
// names at the beginning of the comments are those of the server's flag
// -limit, and stand in the refusals.
type Limits struct {
	Document     int // document: bytes
	Tokens       int // document-tokens: tokens, comments among them
	Nesting      int // nesting: brackets within brackets
	Depth        int // depth: fields within fields, those of introspection apart
	Aliases      int // aliases
	SameField    int // same-field: times one field may stand in a selection set
	SameMutation int // same-mutation: the same at the root of a mutation
	Directives   int // directives
	Fragments    int // fragments
	Spreads      int // spreads: of named fragments
	Fields       int // fields: of all operations, once the fragments are spread
	Cost         int // cost: points of one operation

	Page  Page            // lists that are read in pages
	Pages map[string]Page // root fields whose pages have other sizes, by name
	Nodes int             // ids of nodes(ids:)
	Items int             // items of hubProvision

	Kept int // bytes that documents kept may take; persisted texts may take a quarter of it besides
}

// Page is how many items a page has.
type Page struct {
	Default int // when nothing is said
	Max     int // at most; more is refused where the page is read
}
