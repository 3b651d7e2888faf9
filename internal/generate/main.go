// Command generate writes all generated code of the project: ent's from
// ent/schema, and gqlgen's from schema/ and gqlgen.yml.
package main

import (
	"log"
	"os"
	"path/filepath"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	log.SetFlags(0)
	if err := os.Chdir(root()); err != nil {
		log.Fatal(err)
	}
	err := entc.Generate("./ent/schema", &gen.Config{
		Package: "partnerhub/ent",
		Target:  "ent",
		Features: []gen.Feature{
			gen.FeaturePrivacy, gen.FeatureModifier, gen.FeatureLock, gen.FeatureExecQuery, gen.FeatureUpsert,
		},
	})
	if err != nil {
		log.Fatal("ent: ", err)
	}
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		log.Fatal("gqlgen: ", err)
	}
	if err := api.Generate(cfg, api.AddPlugin(sequential{})); err != nil {
		log.Fatal("gqlgen: ", err)
	}
}

// sequential makes one goroutine answer an operation. All fields of a query
// read from one read transaction, which is one connection: goroutines would
// only wait for each other, and cost more than the reading (docs/adr/0004).
type sequential struct{}

// Name is for gqlgen's messages.
func (sequential) Name() string { return "sequential" }

// GenerateCode runs after the schema was read and before code is written.
func (sequential) GenerateCode(data *codegen.Data) error { //nolint:unparam // as gqlgen wants it
	for _, o := range data.Objects {
		o.DisableConcurrency = true
	}
	return nil
}

// root is the folder of go.mod: go generate starts in the folder of its
// directive, people start anywhere.
func root() string {
	dir, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			log.Fatal("generate: no go.mod above the working directory")
		}
	}
}
