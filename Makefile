# Floorbook.  `make demo` shows it, `make test` proves it; CONTRIBUTING.md says the rest.
PYTHON ?= python3
BIN := .venv/bin
KERNEL := $(wildcard src/floorbook/core/kernel/*.py src/floorbook/core/kernel/*.pxd)
CONTRACTS := $(wildcard contracts/*.json contracts/foundry.toml contracts/tools/*) $(shell find contracts/src -type f 2>/dev/null)
PAGE := $(wildcard web/*.json web/*.ts web/index.html) $(shell find web/src -type f 2>/dev/null)
.PHONY: install web contracts gas audit demo test check fix lock bench bench-gateway bench-peers screenshots traces clean

install: .venv/installed src/floorbook/web/built src/floorbook/chain/artifacts/built

.venv/installed: pyproject.toml setup.py requirements.lock tools/install.sh tools/build_kernel.py $(KERNEL)
	@PYTHON="$(PYTHON)" bash tools/install.sh
	@touch $@

# The page, built where the gateway serves it; without Node the server says how to build it.
web: src/floorbook/web/built

src/floorbook/web/built: $(PAGE) tools/build_page.sh
	@bash tools/build_page.sh

# The contracts' abi and bytecode, built where the chain adapter reads them; without Node there is no chain.
contracts: src/floorbook/chain/artifacts/built

src/floorbook/chain/artifacts/built: $(CONTRACTS) tools/build_contracts.sh
	@bash tools/build_contracts.sh

demo: install
	$(BIN)/floorbook demo

# The clients that strangers use; only tests need them.
.venv-clients/installed: tests/clients/requirements.lock tests/clients/node/package-lock.json tools/install_clients.sh
	@PYTHON="$(PYTHON)" bash tools/install_clients.sh
	@mkdir -p $(@D) && touch $@

test: install .venv-clients/installed
	@$(BIN)/python tools/check_kernel.py
	$(BIN)/python -m pytest -n 2 -q
	@$(MAKE) --no-print-directory check
	@echo "make test: every test and every check passed"

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_tidy.py

fix: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Writes the exact versions; run it after changing a dependency.
lock: install
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --extra ml --extra postgres --no-header --no-annotate \
		--no-emit-index-url --upgrade pyproject.toml -o requirements.lock

bench: install
	@$(BIN)/python tools/check_kernel.py
	$(BIN)/floorbook bench

# The gateway against servers that only check signatures, or only send; about three minutes.
bench-gateway: install
	$(BIN)/python -m bench.gateway

# Other people's engines, in an environment of their own: their pins are not ours.
bench-peers: install
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q -r bench/peers.txt
	.venv-peers/bin/python bench/peers.py

# The page's pictures in docs/, from a running demo; look at them before you commit them.
screenshots: install
	$(BIN)/python -m tests.e2e docs

# People write the commands of a trace, the machine its events; read the diff before you commit it.
traces: install
	$(BIN)/python -m pytest -q tests/traces --update-traces

# What each call costs on chain, beside a plain vault; read the diff before you commit it.
gas: contracts
	cd contracts && GAS_TABLE=write node_modules/.bin/forge test --match-path 'test/gas/*' -q && cp cache/gas.md gas.md

# Slither over the contracts, in an environment of its own; every finding stands explained in docs/security.md.
audit: contracts
	@bash tools/audit_contracts.sh

clean:
	rm -rf .venv .venv-slither .venv-peers .venv-clients build src/*.egg-info src/floorbook/core/kernel/*.so
