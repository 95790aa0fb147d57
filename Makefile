# Every command sets up what it needs first, and is quick when nothing changed.
# Needs: make and Python 3.11 or later. Used where present: uv, npm, PostgreSQL, Chromium.

.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

RIGHT_PYTHON := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name $(RIGHT_PYTHON) 2>/dev/null && command -v $$name && break; done)
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv)

ifdef UV
MAKE_VENV = $(UV) venv --quiet --python "$(PYTHON)" --no-python-downloads $(VENV)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
BUILD_WITH = --build-constraints requirements-dev.lock
else
MAKE_VENV = "$(PYTHON)" -m venv $(VENV) \
	|| { rm -rf $(VENV); echo "Python cannot make environments here (Debian: apt-get install python3-venv)."; exit 1; }
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
BUILD_WITH =
endif

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV)/.runs assets ## seed a demo and serve it at http://127.0.0.1:8000 (PORT changes it)
	@$(BIN)/bankhub demo

.PHONY: setup
setup: $(VENV)/.develops assets ## install everything the other commands need

.PHONY: test
test: lint types assets third-party ## run all checks (ARGS="-k word" is passed on to pytest)
	$(BIN)/pytest -n auto $(ARGS)

.PHONY: lint
lint: $(VENV)/.develops ## style, complexity, banned calls
	$(BIN)/ruff check .

.PHONY: types
types: $(VENV)/.develops ## strict types on both packages
	$(BIN)/mypy

.PHONY: assets
assets: $(BIN)/python ## fetch the third-party front-end files named in package-lock.json
	@$(BIN)/python -m bankhub.assets

.PHONY: third-party
third-party: $(BIN)/python ## fetch a wallet of another make, for the tests in tests/third_party
	@$(BIN)/python tests/third_party/install.py

.PHONY: wheel
wheel: $(VENV)/.develops ## build dist/bankhub-*.whl with templates, static files and migrations inside
	$(BIN)/hatchling build -t wheel

.PHONY: bench
bench: $(VENV)/.develops ## measure against baselines in the same run; writes docs/performance.md unless ARGS say otherwise
	$(BIN)/python -m benchmarks $(or $(ARGS),--write)

.PHONY: lock
lock: ## resolve all dependencies anew, with hashes and without addresses (needs uv and npm)
	@test -n "$(UV)" || { echo "make lock needs uv."; exit 1; }
	$(COMPILE) pyproject.toml --extra demo -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev --constraints requirements.lock -o requirements-dev.lock
	$(COMPILE) --group node -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-annotate --custom-compile-command "make lock"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "BankHub needs Python 3.11 or later on the PATH."; exit 1; }
	@$(MAKE_VENV)

# The stamps lie inside the environment, so removing it removes them.
$(VENV)/.runs: requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps $(BUILD_WITH) --editable .
	@touch $@

$(VENV)/.develops: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-deps $(BUILD_WITH) --editable .
	@touch $@ $(VENV)/.runs
