# What there is to do here; `make` alone lists it.
.DEFAULT_GOAL := help
PORT ?= 8787
BIND ?= 127.0.0.1:$(PORT)
CARGO ?= cargo
SOAK ?= 10m
# Most tests wait for something, most of the time: twice as many at once as there are cores.
export RUST_TEST_THREADS ?= $(shell expr 2 '*' "$$(getconf _NPROCESSORS_ONLN)")
# Where `make mutants` breaks something: checks, token, session, judge, fault, world.
ROOM ?= checks token session judge
# `PROFILE=release` judges with an optimised gate.
PROFILE ?= dev
BUILT = $${CARGO_TARGET_DIR:-target}/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# Every binary with what `make test` asks of the libraries: package by package, they would be built anew.
BUILD = $(CARGO) build --quiet --profile $(PROFILE) --workspace --bins --examples
CONTRACT = $(BUILT)/crewpass-contract
FAKE = $(BUILT)/crewpass-mock
JUDGE = $(BUILT)/crewpass-contract client --

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: run
run: ## Build and serve the starter world on 127.0.0.1:8787 (another port: PORT=9000)
	$(CARGO) run --profile quick -p crewpass-mock --features cli -- serve --bind $(BIND)

.PHONY: test
test: ## Run every test
	INSTA_UPDATE=no $(CARGO) test --workspace --all-targets
	$(CARGO) test --workspace --doc

.PHONY: examples
examples: ## Judge the example clients by the whole catalogue (with an optimised gate: PROFILE=release)
	$(BUILD)
	$(JUDGE) python3 examples/clients/python/crewpass_documents.py {crew_id} {out_dir}
	$(JUDGE) node examples/clients/typescript/crewpass-documents.mjs {crew_id} {out_dir}
	$(JUDGE) $(BUILT)/crewpass-documents {crew_id} {out_dir}

.PHONY: lint
lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

.PHONY: doc
doc: ## Build the API documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

.PHONY: generate
generate: ## Write the generated files anew
	$(BUILD)
	$(FAKE) schema world > fixtures/worlds/world.schema.json.new
	mv fixtures/worlds/world.schema.json.new fixtures/worlds/world.schema.json
	$(CONTRACT) schema obligations > fixtures/contract/obligations.schema.json.new
	mv fixtures/contract/obligations.schema.json.new fixtures/contract/obligations.schema.json
	$(CONTRACT) schema scenario > fixtures/scenarios/scenario.schema.json.new
	mv fixtures/scenarios/scenario.schema.json.new fixtures/scenarios/scenario.schema.json
	$(CONTRACT) schema report > fixtures/contract/report.schema.json.new
	mv fixtures/contract/report.schema.json.new fixtures/contract/report.schema.json
	$(CONTRACT) schema expectation > fixtures/contract/expectation.schema.json.new
	mv fixtures/contract/expectation.schema.json.new fixtures/contract/expectation.schema.json
	$(FAKE) describe --clock 2026-01-15T09:00:00Z > fixtures/contract/starter.expect.yaml.new
	mv fixtures/contract/starter.expect.yaml.new fixtures/contract/starter.expect.yaml
	$(CONTRACT) list --markdown > docs/obligations.md.new
	mv docs/obligations.md.new docs/obligations.md

.PHONY: kill-matrix
kill-matrix: ## Play every faulty client to the gate and print which obligation catches it (every scenario: FULL=1)
	KILL_MATRIX=$(if $(FULL),full,tenth) $(CARGO) test --release -p crewpass-contract --test matrix -- --nocapture --test-threads 1

.PHONY: mutants
mutants: ## Break the checks, tokens, sessions and judges one by one and say what no test sees (one room: ROOM=fault)
	set -e; for room in $(ROOM); do bash tools/mutants.sh $$room $(MUTANTS); done

.PHONY: bench
bench: ## Compare the fake with bare servers that send the same bytes
	$(CARGO) bench -p crewpass-mock --bench wire

.PHONY: bench-gate
bench-gate: ## Say what a run of the gate takes, and fail if over 10 % of it are its own
	$(CARGO) bench -p crewpass-contract --bench gate -- --enforce

.PHONY: bench-large
bench-large: ## Serve a file of 100 MiB from disk, against nginx with sendfile
	$(CARGO) bench -p crewpass-mock --bench wire -- --large

.PHONY: bench-idle
bench-idle: ## Say what each of 10,000 idle connections costs
	$(CARGO) bench -p crewpass-mock --bench wire -- --idle

.PHONY: soak
soak: ## Serve mixed load for 10 minutes and fail if memory grows (shorter: SOAK=30s)
	$(CARGO) bench -p crewpass-mock --bench wire -- --soak $(SOAK)

.PHONY: deny
deny: ## Check licences and sources of every dependency (needs cargo-deny and a network)
	cargo deny check

.PHONY: schemathesis
schemathesis: ## Put a served fake to schemathesis and its document (needs Python and a network)
	$(BUILD)
	bash tools/schemathesis.sh

.PHONY: clients
clients: ## Generate clients from the document and run them (needs Python, perhaps Node, and a network)
	$(BUILD)
	bash tools/clients.sh

.PHONY: foreign
foreign: ## Have a client judged that was generated from the document (needs Python and a network); it breaks much
	$(BUILD)
	bash tools/foreign.sh

.PHONY: prism
prism: ## Have Prism answer from the document, and hold a served fake to it (needs Node and a network)
	$(BUILD)
	bash tools/prism.sh

.PHONY: ci
ci: ## What the pipeline runs
	bash .ci/run
