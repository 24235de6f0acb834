# make demo | test | e2e | check | bench: each sets itself up in .venv
PYTHON ?= python3
BIN := .venv/bin
# Whatever the shell says: without its bytecode every process of the tests compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help demo test check pytest faults e2e format bench chaos crash lock clean

help: ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 10

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/runtime ## the sandbox, with a page to type commands in
	@exec $(BIN)/lockmaster sandbox

# Beside the other tests each worker would parse every source file.
RULES := tests/architecture
check: .venv/dev ## format, lint, types, import contracts, budgets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q $(RULES)

test: .venv/dev ## check, and beside it every test with coverage of bot/
	@$(MAKE) --no-print-directory -j2 check pytest

# Four at a time on two cores: many wait for what a release takes.
pytest:
	$(BIN)/python -m pytest -n 4 --dist worksteal --ignore $(RULES) -m "not processes" --cov --cov-report=term --cov-fail-under=100

faults: .venv/dev ## the fault tests that kill, stop and starve real processes
	$(BIN)/python -m pytest tests/faults -m processes -n 3 --dist loadscope

CLUSTERED := $(addprefix tests/contracts/,autoscalers changes traffic workloads)
e2e: .venv/dev ## the tests that need a real Kubernetes API server, which Go builds once
	$(BIN)/python -m tests.e2e.cluster.programs
	LOCKMASTER_E2E=1 $(BIN)/python -m pytest tests/e2e $(CLUSTERED)

format: .venv/dev ## rewrite files in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev ## measure, and write bench/RESULTS.md
	$(BIN)/python -m bench

RELEASES ?= 2000
SEED ?=
chaos: .venv/dev ## releases while everything breaks; SEED=… runs a failed one again
	$(BIN)/python -m tests.chaos --releases $(RELEASES) $(if $(SEED),--seed $(SEED))

EVERY ?= 1
crash: .venv/dev ## kill the bot before and after each call of a whole release; EVERY=5 each fifth
	$(BIN)/python -m tests.faults.crash_points --every $(EVERY)

lock: .venv/dev ## refresh the lock files
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra sandbox --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra sandbox --group build --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements-dev.lock

clean: ## remove .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
