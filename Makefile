# The everyday targets; `make help` lists them. CI (.ci/run) runs these and nothing else.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

TARGET := $(or $(CARGO_TARGET_DIR),target)
TOOLS := $(TARGET)/tools
CARGO_DENY := 0.20.2
CARGO_MACHETE := 0.9.2

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: fmt-check migrations compose deny lint doc openapi-check contract-ci test ## Everything that must hold before a push

.PHONY: test
test: ## All tests, on SQLite and on PostgreSQL where it is installed
	cargo test --locked

.PHONY: fmt fmt-check
fmt: ## Format the code
	cargo fmt
fmt-check:
	cargo fmt --check

.PHONY: lint
lint: ## Clippy, any warning fails
	cargo clippy --locked --all-targets -- -D warnings

.PHONY: doc
doc: ## Build the code's documentation, any warning fails
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

.PHONY: deny
deny: $(TOOLS)/cargo-deny-$(CARGO_DENY) $(TOOLS)/cargo-machete-$(CARGO_MACHETE) ## Licences, sources, advisories, unused dependencies
	$(TOOLS)/bin/cargo-deny --locked check bans licenses sources
	@if timeout 120 $(TOOLS)/bin/cargo-deny --log-level off fetch db; \
	then $(TOOLS)/bin/cargo-deny --frozen --log-level error check advisories; \
	else echo "!!! advisories NOT checked: the database can't be fetched here"; fi
	$(TOOLS)/bin/cargo-machete --with-metadata

# A tool of a version, kept beside the build; optimised little, since it is built more often than it is waited for.
$(TOOLS)/cargo-%:
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	cargo install --quiet --locked --root $(TOOLS) --target-dir $(TOOLS)/build $(shell echo 'cargo-$*' | sed 's/-\([0-9.]*\)$$/@\1/')
	rm -r $(TOOLS)/build
	touch $@

.PHONY: migrations
migrations: # Both databases have migrations of the same names
	diff <(cd migrations/sqlite && find . | sort) <(cd migrations/postgres && find . | sort)

.PHONY: openapi openapi-check
openapi: ## Write openapi/openapi.json anew
	mkdir -p openapi
	cargo run --quiet --locked -- openapi > $(TARGET)/openapi.json
	mv $(TARGET)/openapi.json openapi/openapi.json
openapi-check:
	mkdir -p $(TARGET)
	cargo run --quiet --locked -- openapi > $(TARGET)/openapi.json
	diff $(TARGET)/openapi.json openapi/openapi.json

.PHONY: contract contract-ci contract-lint clients clients-all examples
contract: contract-lint clients-all examples contract-fuzz-long ## All that holds the contract: what contract-ci does, clients of six languages more, an hour of generated requests
contract-ci: contract-lint clients examples ## The contract as CI holds it: linters, the last release, generated clients, the examples
contract-lint: # Any finding fails, and so does what breaks clients of the last release
	.ci/contract
clients: # Generated, complete and compiled: two for TypeScript, two for Python, one for Java
	.ci/clients
clients-all: # Those, and TypeScript, C#, Kotlin, Go, PHP and Rust by openapi-generator
	.ci/clients all
examples: # What integrators start from, against a server of this build
	.ci/examples

.PHONY: contract-fuzz contract-fuzz-long
contract-fuzz: ## Hold a running server to the document by generated requests, as each role (schemathesis)
	contract/fuzz short
contract-fuzz-long: ## The same with another seed, more requests and longer ways, about an hour
	contract/fuzz long

.PHONY: docs-ui
docs-ui: ## Open the documentation in Chromium, the network closed
	cargo build --locked
	.ci/docs-ui $(TARGET)/debug/mahalleh

.PHONY: compose
compose: # docker-compose.yml is sound
	docker-compose config --quiet

.PHONY: demo
demo: ## The demo province of Qom on http://127.0.0.1:8080
	cargo run --release --locked -- demo

.PHONY: bench
bench: ## Measure a release build on both databases, about five minutes
	python3 bench/run.py

.PHONY: bench-import
bench-import: ## Measure imports beside the bare databases, about two minutes
	python3 bench/import.py
