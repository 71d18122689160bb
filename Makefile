# Every target sets up what it needs; nothing has to be run before another.
# A missing or older .venv is made or brought up to date when pyproject.toml or constraints.txt change.

PYTHON ?= python3.11
PORT ?= 8000
DATA_DIR ?= instance
DEMO ?= 1
WORKERS ?= auto
SEEDS ?= 1000
BACKUP ?= backups
# What `make test-postgres` runs: the engine, each operation's first answer on every replica, what is reckoned from examples.
WRITING := tests/sync tests/checklists tests/stock tests/cases tests/people tests/devices tests/shows \
  --ignore tests/sync/test_postgres.py -k "sync or property or many or replica"
export PORT DATA_DIR DATABASE_URL PROCESSES DEMO CHROMIUM

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
ON_POSTGRES := $(if $(filter postgres%,$(DATABASE_URL)),-postgres)
RUN := $(VENV)/run$(ON_POSTGRES).stamp
DEV := $(VENV)/dev.stamp

.DEFAULT_GOAL := help
.PHONY: run phones backup restore test test-again test-postgres soak check format bench screens rules ops browser postgres help

run: $(RUN)  ## serve http://localhost:8000 with the demo site (PORT=, DATA_DIR=, DEMO=0)
	@$(PY) -m app.serve

phones: $(RUN)  ## serve HTTPS on the local network, for phones and tablets
	@$(PY) -m app.serve --phones

backup: $(RUN)  ## back everything up while the server runs (BACKUP=file or folder)
	@$(PY) -m app.backup make $(BACKUP)

restore: $(RUN)  ## put a backup in place, the server stopped (BACKUP=file; REPLACE=1 where data is)
	@$(PY) -m app.backup restore $(BACKUP) $(if $(REPLACE),--replace)

test: $(DEV)  ## all tests on all cores (one: .venv/bin/pytest tests/house/test_tidy.py)
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup

test-again: $(DEV)  ## the tests that failed last, one at a time
	@$(PY) -m pytest --last-failed --last-failed-no-failures none

soak: $(DEV)  ## live SEEDS=5000 simulated days, ten minutes at a time; again: go on
	@$(PY) -m tests.simulation --soak $(SEEDS)

test-postgres: $(DEV)  ## the tests of what is written, on PostgreSQL (ONLY=tests/stock)
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup --engine postgresql $(or $(ONLY),$(WRITING))

check: $(DEV)  ## format, lint, types, import rules, rule table
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(PY) -m scripts.rules --quiet

format: $(DEV)  ## format the code and mend what the linter can mend
	@$(PY) -m ruff check --fix --exit-zero .
	@$(PY) -m ruff format .

bench: $(DEV)  ## measure against the budgets (ONLY=push,head)
	@$(PY) -m bench $(if $(ONLY),--only $(ONLY))

screens: $(DEV)  ## take a picture of every screen into screens/ and check it (ONLY=run)
	@$(PY) -m scripts.screens $(if $(ONLY),--only $(ONLY))

rules: $(DEV)  ## rule id, its tests, the line that enforces it
	@$(PY) -m scripts.rules

ops: $(RUN)  ## every operation: right, fact or decision, what it makes, its steps
	@$(PY) -m scripts.ops

browser: $(RUN)  ## install Debian's Chromium and a Chinese font (CHROMIUM=/path uses yours)
	@$(PY) -m scripts.browser

postgres: $(DEV)  ## install Debian's PostgreSQL, for the tests on it
	@$(PY) -m scripts.postgres

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(RUN): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Offstage needs Python 3.11 or newer: install it, or name yours with make PYTHON=python3.12"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing packages into $(VENV) …"
	@$(PIP) install --constraint constraints.txt --editable '.$(if $(ON_POSTGRES),[postgres])'
	@touch $@

$(DEV): $(RUN)
	@$(PIP) install --constraint constraints.txt --editable '.[test]'
	@touch $@
