// Package schema holds the contract with the clients: the SDL, by hand, one
// file for each area.
package schema

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.graphql
var files embed.FS

// SDL returns the whole schema as one document.
func SDL() string {
	names, err := fs.Glob(files, "*.graphql")
	if err != nil {
		panic(err) // the pattern is written here
	}
	parts := make([]string, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the file is inside the program
		}
		parts[i] = strings.TrimSpace(string(text))
	}
	return strings.Join(parts, "\n\n") + "\n"
}
