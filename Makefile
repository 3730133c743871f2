# Targets for development; `make` alone lists them.
.DEFAULT_GOAL := help
PORT ?= 8787
BIND ?= 127.0.0.1:$(PORT)
CARGO ?= cargo
RUSTC ?= rustc
SOAK ?= 10m
# Most tests wait for processes and sockets, so run twice as many at once as there are cores.
export RUST_TEST_THREADS ?= $(shell expr 2 '*' "$$(getconf _NPROCESSORS_ONLN)")
# The parts of the sources that `make mutants` changes: checks, token, session, judge, fault, world.
PART ?= checks token session judge
# `PROFILE=release` tests the example clients with an optimised gate.
PROFILE ?= dev
BUILT = $${CARGO_TARGET_DIR:-target}/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# Build all binaries in one command: built package by package, dependencies get other features and are rebuilt.
BUILD = $(CARGO) build --quiet --profile $(PROFILE) --workspace --bins --examples
CONTRACT = $(BUILT)/crewpass-contract
FAKE = $(BUILT)/crewpass-mock
# Benches are not built for a test run; `make lint` checks that they compile.
TEST_TARGETS = --lib --bins --tests --examples
# Two halves that take about as long run beside each other, since most tests wait for processes and sockets.
FIRST_TESTS = matrix property_kill suite
OTHER_TESTS = $(sort $(filter-out $(FIRST_TESTS),$(notdir $(patsubst %/main.rs,%,$(wildcard */tests/*/main.rs)) \
	$(basename $(wildcard */tests/*.rs */*/tests/*.rs)))))
# What a test run writes about itself: which snapshots it read, which tests it could not run.
TEST_LOGS = $(abspath $(or $(CARGO_TARGET_DIR),target))/test-logs

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

# The exit code 4 of `serve` is an address that is taken.
.PHONY: run
run: rust ## Build and serve the starter world on 127.0.0.1:8787 (another port: PORT=9000)
	@$(CARGO) run --profile quick -p crewpass-mock --features cli -- serve --bind $(BIND) || { code=$$?; \
		if [ $$code -eq 4 ]; then echo "make run: another port is \`make run PORT=9000\`" >&2; fi; exit $$code; }

# Cargo's own message about too old a Rust names an edition or a lock file.
.PHONY: rust
rust:
	@needed=$$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml); \
	found=$$($(RUSTC) --version 2> /dev/null | cut -d ' ' -f 2); \
	if [ -z "$$found" ]; then \
		echo "Rust is not installed: https://rustup.rs shows how; version $$needed or newer is needed" >&2; exit 1; fi; \
	if [ "$$(printf '%s\n' "$$needed" "$$found" | sort -V | head -n 1)" != "$$needed" ]; then \
		echo "Rust $$found is too old: version $$needed or newer is needed, and \`rustup update\` installs it" >&2; exit 1; fi

.PHONY: install
install: rust ## Install crewpass-mock and crewpass-contract (elsewhere: INSTALL="--root DIR")
	$(CARGO) install --locked --path mock-server --features cli $(INSTALL)
	$(CARGO) install --locked --path contract-tests $(INSTALL)

.PHONY: test
test: rust ## Run every test
	@mkdir -p $(TEST_LOGS) && rm -f $(TEST_LOGS)/*
	$(CARGO) test --workspace $(TEST_TARGETS) --no-run
	INSTA_UPDATE=no INSTA_SNAPSHOT_REFERENCES_FILE=$(TEST_LOGS)/snapshots.txt \
		SKIPPED_TESTS_FILE=$(TEST_LOGS)/skipped.txt $(MAKE) --jobs 2 test-first test-others
	$(CARGO) test --workspace --doc
	bash tools/snapshots.sh $(TEST_LOGS)/snapshots.txt
	@if [ -s $(TEST_LOGS)/skipped.txt ]; then echo "not run:"; sort $(TEST_LOGS)/skipped.txt; \
		else echo "every test was run"; fi

# Its output follows when it has ended, so that it does not mix with that of the others.
.PHONY: test-first
test-first:
	@$(CARGO) test --workspace $(FIRST_TESTS:%=--test %) > $(TEST_LOGS)/first.txt 2>&1; code=$$?; cat $(TEST_LOGS)/first.txt; exit $$code

.PHONY: test-others
test-others:
	$(CARGO) test --workspace --lib --bins --examples $(OTHER_TESTS:%=--test %)

.PHONY: test-build
test-build: ## Build every test without running it
	$(CARGO) test --quiet --workspace $(TEST_TARGETS) --no-run

AXE = $(or $(CARGO_TARGET_DIR),target)/tools/axe
.PHONY: axe
axe: ## Install axe, with which tests check the accessibility of the console (needs npm)
	npm install --silent --no-audit --no-fund --prefix $(AXE) axe-core@4.14.1

EXAMPLES = python python-fleet typescript typescript-fleet rust rust-fleet
.PHONY: examples
examples: $(EXAMPLES:%=example-%) ## Test the example clients against the whole catalogue (with an optimised gate: PROFILE=release)

example-python: SUBJECT = -- python3 examples/clients/python/crewpass_documents.py {crew_id} {out_dir}
example-python-fleet: SUBJECT = --task fleet -- python3 examples/clients/python/crewpass_fleet.py
example-typescript: SUBJECT = -- node examples/clients/typescript/crewpass-documents.mjs {crew_id} {out_dir}
example-typescript-fleet: SUBJECT = --task fleet -- node examples/clients/typescript/crewpass-fleet.mjs
example-rust: SUBJECT = -- $(BUILT)/crewpass-documents {crew_id} {out_dir}
example-rust-fleet: SUBJECT = --task fleet -- $(BUILT)/crewpass-fleet
.PHONY: $(EXAMPLES:%=example-%)
$(EXAMPLES:%=example-%):
	$(BUILD)
	$(CONTRACT) client --fail-on may $(SUBJECT)

# `GOOD=--short` plays some cases of each area; `GOOD='--clients go,java'` judges two of them.
.PHONY: good-clients
good-clients: ## Test good clients in many languages: none may break a MUST or a SHOULD (fewer cases: GOOD=--short)
	$(BUILD)
	python3 tools/good_clients.py $(CONTRACT) $(GOOD)

.PHONY: lint
lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	for features in "" generate tls watch; do \
		$(CARGO) check --quiet -p crewpass-mock --no-default-features --features "$$features" || exit 1; \
	done
	$(CARGO) check --quiet -p crewpass-contract --no-default-features
	python3 tools/crates.py

.PHONY: doc
doc: ## Build the API documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

# For Linux on x86-64, with the C library inside. The target is named, so that build scripts stay as they are. The
# programs have no symbols and no paths of this machine. `STATIC_PROFILE=trial` builds faster, to test the packaging.
STATIC_TARGET ?= x86_64-unknown-linux-gnu
STATIC_PROFILE ?= release
STATIC_BUILT = $${CARGO_TARGET_DIR:-target}/$(STATIC_TARGET)/$(STATIC_PROFILE)
STATIC_FLAGS = -C target-feature=+crt-static --remap-path-prefix=$(CURDIR)=/crewpass \
	--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo --remap-path-prefix=$$(rustc --print sysroot)=/rust
.PHONY: static
static: rust ## Build both programs so that they run on any x86-64 Linux (needs `file`)
	CARGO_PROFILE_RELEASE_STRIP=symbols RUSTFLAGS="$(STATIC_FLAGS)" $(CARGO) build --locked \
		--profile $(STATIC_PROFILE) --target $(STATIC_TARGET) -p crewpass-mock -p crewpass-contract --features crewpass-mock/cli \
		--bin crewpass-mock --bin crewpass-contract
	for program in crewpass-mock crewpass-contract; do \
		file $(STATIC_BUILT)/$$program | grep -E 'static(-pie|ally) linked.*, stripped' || exit 1; done

.PHONY: dist
dist: static ## Write wheel, npm packages, tarball, image, SBOM and checksums to dist/ (needs Python, npm and a network)
	bash tools/packages.sh build $(STATIC_BUILT)

.PHONY: dist-twice
dist-twice: ## Build dist/ twice in different folders, and compare all files (long; shorter: STATIC_PROFILE=trial)
	STATIC_PROFILE=$(STATIC_PROFILE) bash tools/dist_twice.sh

.PHONY: crates
crates: ## Package the crates, and build each from its package alone (needs a network)
	$(CARGO) package --workspace --locked

.PHONY: packages
packages: dist ## Install what is in dist/ in empty places, and test it there (needs Python, Node and a network)
	bash tools/packages.sh test

.PHONY: packages-quick
packages-quick: ## The same with the programs of a debug build, beside dist/: all but what only static programs show
	$(BUILD)
	bash tools/packages.sh quick $(BUILT)

.PHONY: pipelines
pipelines: ## Lint the action, the workflows and the manifests, and run their scripts (needs Python, Node and a network)
	$(BUILD)
	bash tools/pipelines.sh lint
	bash tools/pipelines.sh test $(BUILT)

.PHONY: recipes
recipes: ## Run the tests of the helpers in other languages, as far as they are on this machine
	$(BUILD)
	bash tools/recipes.sh $(BUILT)

# Where the toolchain has no standard library for Windows, it is checked from its source.
WINDOWS_TARGET = x86_64-pc-windows-gnu
WINDOWS_CHECK = $(CARGO) check --target $(WINDOWS_TARGET) -p crewpass-mock --features cli
.PHONY: check-windows
check-windows: ## Check that the fake builds for Windows (needs mingw-w64, and the target's library or rust-src)
	if [ -d "$$(rustc --print sysroot)/lib/rustlib/$(WINDOWS_TARGET)" ]; then $(WINDOWS_CHECK); \
		else RUSTC_BOOTSTRAP=1 $(WINDOWS_CHECK) -Z build-std; fi

.PHONY: generate
generate: ## Regenerate the generated files
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
kill-matrix: ## Run the gate on every faulty client and print which obligation catches it (every scenario: FULL=1)
	KILL_MATRIX=$(if $(FULL),full,tenth) $(CARGO) test --release -p crewpass-contract --test matrix -- --nocapture --test-threads 1

.PHONY: mutants
mutants: ## Mutate checks, tokens, sessions and judges and list what no test catches (one part: PART=fault)
	set -e; for part in $(PART); do bash tools/mutants.sh $$part $(MUTANTS); done

# The fake and the bare servers, optimised, for tools/bench.py.
BENCH_BUILT = $${CARGO_TARGET_DIR:-target}/release
BENCH_BUILD = $(CARGO) build --release -p crewpass-mock --features cli --bin crewpass-mock
BENCH = python3 tools/bench.py --fake $(BENCH_BUILT)/crewpass-mock

.PHONY: bench
bench: ## Compare the fake with bare servers that send the same bytes (needs wrk; options: tools/bench.py)
	$(BENCH_BUILD) --example bare
	$(BENCH) --bare $(BENCH_BUILT)/examples/bare cases

.PHONY: bench-fleet
bench-fleet: ## Walk a fleet of 100,000 people, and ask beside webhooks that hang (needs wrk)
	$(BENCH_BUILD) --example bare
	$(BENCH) --bare $(BENCH_BUILT)/examples/bare fleet
	$(BENCH) hooks

.PHONY: bench-gate
bench-gate: ## Measure a run of the gate; fail if its own time is over 10 %, or on an idle machine if it is too slow
	$(CARGO) bench -p crewpass-contract --bench gate -- --enforce

# `STEADY='--seconds 170 --runs 1 --only time/silent-file,time/trickle,rty/retry-after,rty/five-times,plain/three-documents'` is a short form.
STEADY ?= --runs 5
.PHONY: steady
steady: ## Run the gate on good clients beside busy loops and writers: the verdicts must not change
	$(BUILD)
	python3 tools/steady.py $(CONTRACT) $(STEADY)

.PHONY: bench-large
bench-large: ## Serve a file of 100 MiB from disk, against nginx with sendfile (needs wrk; nginx optional)
	$(BENCH_BUILD)
	$(BENCH) large

.PHONY: bench-idle
bench-idle: ## Measure the memory of 10,000 idle connections
	$(BENCH_BUILD)
	$(BENCH) idle

.PHONY: soak
soak: ## Serve mixed load for 10 minutes and fail if memory grows (needs wrk; shorter: SOAK=30s)
	$(BENCH_BUILD)
	SOAK=$(SOAK) $(BENCH) soak

.PHONY: deny
deny: ## Check licences and sources of every dependency (needs cargo-deny and a network)
	cargo deny check

.PHONY: schemathesis
schemathesis: ## Test a served fake with schemathesis and both documents (a minute: SHORT=1; needs Python and a network)
	$(BUILD)
	SHORT=$(SHORT) bash tools/schemathesis.sh

.PHONY: clients
clients: ## Generate clients from openapi.yaml and run them (needs Python, Node optional, and a network)
	$(BUILD)
	bash tools/clients.sh

.PHONY: foreign
foreign: ## Test a client generated from openapi.yaml, which breaks many obligations (needs Python and a network)
	$(BUILD)
	bash tools/foreign.sh

.PHONY: prism
prism: ## Serve openapi.yaml with Prism, and validate a served fake with it (needs Node and a network)
	$(BUILD)
	bash tools/prism.sh

.PHONY: full
full: ## Run what takes longer than the pipeline allows: packages, crates, Windows, clients, load, faulty clients, benches
	$(MAKE) packages
	$(MAKE) crates
	$(MAKE) check-windows
	$(MAKE) good-clients
	$(MAKE) steady
	$(MAKE) kill-matrix FULL=1
	$(MAKE) bench-gate

.PHONY: ci
ci: ## Run what the pipeline runs
	bash .ci/run
