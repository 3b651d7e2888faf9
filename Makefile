# `make` alone prints this help. `make check` is what CI runs.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
export CGO_ENABLED := 1
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2

.PHONY: help
help: ## print this help
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## serve with the demo cast
	go run . -demo

.PHONY: build
build: ## build the server and hubctl into bin/
	go build -o bin/partnerhub .
	go build -o bin/hubctl ./hubctl

.PHONY: generate
generate: ## write the generated code anew from ent/schema, schema/ and gqlgen.yml
	go generate ./ent

.PHONY: migration
migration: tools ## write the next migration for both dialects, NAME=add_ledger; without NAME sign files written by hand
	go run ./internal/generate/migration "$(NAME)"

.PHONY: web
web: tools ## build the page at / from web/src
	cd web && npm ci --no-audit --no-fund && npm run build

.PHONY: tools
tools: ## install what tests and builds need besides Go (Debian)
	@tests/tools

.PHONY: test
test: ## run the Go tests
	go test ./...

.PHONY: race
race: tools ## run the Go tests under the race detector
	@# Watching the 19 MiB of each password's hash costs as much as all the rest.
	go test -race -gcflags=golang.org/x/crypto/argon2=-race=false -timeout 20m ./...
	@# Under the detector the viewers of the isolation test take turns; here all ask for everything.
	go test ./tests/isolation

.PHONY: postgres
postgres: tools ## run the tests of what reads and writes the database on a PostgreSQL of their own
	go run ./tests/postgres/run go test ./graph/... ./internal/... ./tests/scenario

.PHONY: lint
lint: ## look for what the compiler lets pass
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	@# A cache of its own: what it keeps names places, and another checkout has others.
	GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint go run $(GOLANGCI) run

.PHONY: clients
clients: tools ## try the npm clients, the HTTP audits and the page in Chromium against a real server
	go test -tags clients -count=1 ./tests/clients

.PHONY: generated
generated: ## fail when generated code is not what the generator writes
	$(MAKE) generate
	@git diff --exit-code --stat -- ent graph schema || { echo "generated code differs: commit what make generate wrote"; exit 1; }

.PHONY: check
check: tools generated lint race postgres clients ## everything CI asks for

.PHONY: soak
soak: ## a million steps of the property test: make soak [SEED=…] [SOAK_STEPS=…]
	cd tests/property && SOAK_STEPS=$${SOAK_STEPS:-1000000} go test -count=1 -timeout 0 -run '^TestProduct_followsTheModel$$'

.PHONY: fuzz
fuzz: ## search for input that breaks a promise, target by target: make fuzz [FUZZTIME=10m]
	@git grep -o '^func Fuzz[A-Za-z_]*' -- '*_test.go' | while IFS=: read -r file target; do \
		echo "$$(dirname $$file) $${target#func }"; \
		go test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $${FUZZTIME:-30s} ./$$(dirname $$file) </dev/null; \
	done

.PHONY: mutants
mutants: ## plant faults in the rules one by one: a test must notice each
	go run ./tests/mutants

.PHONY: bench
bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-timing
bench-timing: ## measure whether the time of an answer tells if an address has an account
	go run ./tests/bench/timing $(ARGS)

.PHONY: bench-billing
bench-billing: ## measure the monthly run over a million accounts: make bench-billing [ARGS='-resellers 1']
	go run ./tests/bench/billing $(ARGS)

.PHONY: bench-sockets
bench-sockets: ## measure idle sockets, deliveries and stalled readers: make bench-sockets [ARGS='-idle 5000']
	go build -o bin/bench-sockets ./tests/bench/sockets
	bin/bench-sockets $(ARGS)

.PHONY: bench-verify
bench-verify: ## measure hubctl verify over a million accounts: make bench-verify [ARGS='-accounts 200000 -resellers 200']
	go run ./tests/bench/billing -verify $(ARGS)

.PHONY: bench-attack
bench-attack: ## measure what attacks cost the server, and write docs/security.md's table: make bench-attack [ARGS='-only slow-body']
	go run ./tests/bench/attack $(or $(ARGS),-doc docs/security.md)
