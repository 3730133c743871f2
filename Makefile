# What there is to do here; `make` alone lists it.
.DEFAULT_GOAL := help
PORT ?= 8787
BIND ?= 127.0.0.1:$(PORT)
CARGO ?= cargo
CONTRACT = $(CARGO) run --quiet -p crewpass-contract --

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: run
run: ## Build and serve the starter world on 127.0.0.1:8787 (another port: PORT=9000)
	@$(CARGO) run --release --quiet -p crewpass-mock -- serve --bind $(BIND)

.PHONY: test
test: ## Run every test
	INSTA_UPDATE=no $(CARGO) test --workspace --all-targets
	$(CARGO) test --workspace --doc

.PHONY: lint
lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

.PHONY: doc
doc: ## Build the API documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

.PHONY: generate
generate: ## Write the generated files anew
	$(CARGO) run --quiet -p crewpass-mock -- schema world > fixtures/worlds/world.schema.json.new
	mv fixtures/worlds/world.schema.json.new fixtures/worlds/world.schema.json
	$(CONTRACT) schema obligations > fixtures/contract/obligations.schema.json.new
	mv fixtures/contract/obligations.schema.json.new fixtures/contract/obligations.schema.json
	$(CONTRACT) schema scenario > fixtures/scenarios/scenario.schema.json.new
	mv fixtures/scenarios/scenario.schema.json.new fixtures/scenarios/scenario.schema.json
	$(CONTRACT) schema report > fixtures/contract/report.schema.json.new
	mv fixtures/contract/report.schema.json.new fixtures/contract/report.schema.json
	$(CARGO) run --quiet -p crewpass-mock -- describe --clock 2026-01-15T09:00:00Z > fixtures/contract/starter.expect.yaml.new
	mv fixtures/contract/starter.expect.yaml.new fixtures/contract/starter.expect.yaml
	$(CONTRACT) list --markdown > docs/obligations.md.new
	mv docs/obligations.md.new docs/obligations.md

.PHONY: bench
bench: ## Compare the fake with bare servers that send the same bytes
	$(CARGO) bench -p crewpass-mock --bench wire

.PHONY: deny
deny: ## Check licences and sources of every dependency (needs cargo-deny and a network)
	cargo deny check

.PHONY: ci
ci: ## What the pipeline runs
	bash .ci/run
