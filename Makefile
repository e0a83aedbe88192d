# `make run` and `make test` need Python 3.11 or newer and nothing else.

PYTHON ?= python3
PY := .venv/bin/python
MANAGE := $(PY) manage.py
FOR_RUN := requirements.txt requirements-local.txt
FOR_TEST := $(FOR_RUN) requirements-dev.txt requirements-e2e.txt
# One process per core, and at most four: more only wait for the same database.
CORES = $(shell $(PY) -c "import os; print(min(4, os.cpu_count() or 1))")
# The settings of production, for the checks that are about production.
PRODUCTION = env DEVELOPMENT=false DEBUG=false \
	SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	ALLOWED_HOSTS=payments.example DATABASE_URL=postgres://fx@localhost/fx

export DEVELOPMENT ?= true

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-growth migrations lint format types

help:
	@echo "make run      serve the product with demo data on http://127.0.0.1:8000"
	@echo "make test     run all tests"
	@echo "make check    run what CI runs: format, lint, types, contracts, tests"
	@echo "make bench    measure it beside PostgreSQL alone and the usual way;"
	@echo "              BENCH=quick takes about two minutes, the whole under ten"
	@echo "make bench-growth   measure ledgers of 10,000 and of 1,000,000 entries;"
	@echo "              GROWTH='10000 5000000' names other sizes"
	@echo "make format   put the code into its standard form"
	@echo "make lint     look for mistakes    make types    check the types"
	@echo "make setup    make or update the virtualenv"
	@echo "make migrations   look for models without a migration, and unsafe migrations"

setup: .venv/.ready-for-test

.venv/.ready-for-run: $(FOR_RUN) .ci/venv.py
	@$(call make_venv,$(FOR_RUN))

.venv/.ready-for-test: $(FOR_TEST) .ci/venv.py
	@$(call make_venv,$(FOR_TEST))

run: .venv/.ready-for-run
	@$(MANAGE) demo

# The data file of the coverage is the run's own: there may be another `make test`.
test: .venv/.ready-for-test
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
	COVERAGE_FILE="$$data/coverage" \
	$(PY) -m pytest -n $(CORES) --dist worksteal --cov --cov-report=term

check: .venv/.ready-for-test
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	$(PY) .venv/bin/lint-imports
	$(MANAGE) devdb run $(MAKE) --no-print-directory migrations
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(PY) -m bandit --quiet --recursive . --configfile pyproject.toml \
		--severity-level medium
	$(MAKE) --no-print-directory test

bench: .venv/.ready-for-run
	@$(PY) -m benchmarks $(if $(filter quick,$(BENCH)),--quick)

# A ledger of a million entries takes minutes to make; GROWTH names other sizes.
bench-growth: .venv/.ready-for-run
	@$(PY) -m benchmarks.product.growth $(GROWTH)

# Both commands ask the database what has been applied; `devdb run` gives them one. The
# three that are passed over add unique indexes for which no earlier row has a value, or,
# for rates, one that is wider than the one it replaces.
migrations: .venv/.ready-for-test
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) lintmigrations --settings tests.settings --no-cache --quiet ok ignore \
		--exclude-apps procrastinate account mfa \
		--ignore-name 0004_fees_and_offers 0005_rates_of_several_providers \
		0006_positions_limits_and_hedges

lint: .venv/.ready-for-test
	$(PY) -m ruff check .
	$(PY) .venv/bin/lint-imports

format: .venv/.ready-for-test
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix-only .

types: .venv/.ready-for-test
	$(PY) -m mypy .

define make_venv
command -v "$(PYTHON)" >/dev/null || { \
	echo "$(PYTHON) was not found: install Python 3.11 or newer," \
		"or name one: make PYTHON=/path/to/python3"; exit 1; }; \
"$(PYTHON)" .ci/venv.py $@ $(1)
endef
