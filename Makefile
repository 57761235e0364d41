# make run    from a fresh clone to a release: environment, invented drops if there are none, release
# make test   the tests that are quick, on a fresh clone too; make test-all runs the thorough ones too
# make ui     Dagster with its sensor and schedules running
# make dev    the environment with linters and test tools
# make docs   the generated parts of the docs
# make check  linters, types, imports, whether every test can be collected, definitions, docs
# make bench  speed, memory, and other tools side by side (benchmarks/README.md)
# make sbom   sbom.cdx.json: a software bill of materials (CycloneDX) of requirements.lock
# make audit ADVISORIES=PATH  known faults of what the locks pin, from a copy of an advisory database in
#             the form of OSV: a folder or a git directory (docs/security.md); nothing is downloaded for it
# make lock   requirements.lock and requirements-dev.lock from pyproject.toml, everything at its newest;
#             make lock UPGRADE= keeps what is pinned, and adds what is new

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

MEMORY := /dev/shm
ROOMY := $(shell [ -w $(MEMORY) ] && df -k --output=avail $(MEMORY) 2>/dev/null | awk 'END {if ($$1 > 8000000) print "yes"}')

export SAFER_STREETS_DATA ?= $(CURDIR)/data
export SAFER_STREETS_DAGSTER ?= $(SAFER_STREETS_DATA)/dagster
export DAGSTER_HOME ?= $(SAFER_STREETS_DAGSTER)
export DAGSTER_DISABLE_TELEMETRY := 1
export DAGSTER_REDACT_USER_CODE_ERRORS := 1
export GX_ANALYTICS_ENABLED := false
export PYTHONWARNINGS := ignore
# Compiled files are kept, whatever the environment says: to make those of the tests takes each test
# process ten seconds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-all ui dev docs check bench sbom audit lock clean

run: $(VENV)/.run
	@$(BIN)/safer-streets run --demo

# In memory where there is room: the tests sync thousands of small files, and wait for a disk.
test test-all: $(VENV)/.dev
	@place=$$(mktemp -d $(if $(ROOMY),-p $(MEMORY))) && trap 'rm -rf "$$place"' EXIT && \
		TMPDIR="$$place" $(BIN)/python -m pytest -n 2 $(if $(filter test-all,$@),-m "")

ui: $(VENV)/.run
	@$(BIN)/safer-streets ui

dev: $(VENV)/.dev

docs: $(VENV)/.dev
	@$(BIN)/safer-streets docs write

check: $(VENV)/.dev
	@$(BIN)/ruff format --check safer_streets_assets safer_streets_assets_tests
	@$(BIN)/ruff check safer_streets_assets safer_streets_assets_tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 0 --collect-only -qq > $(VENV)/collected || { cat $(VENV)/collected; exit 1; }
	@mkdir -p $(DAGSTER_HOME) && cp dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dg check defs
	@$(BIN)/safer-streets docs write --check

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.intake
	@$(BIN)/python -m benchmarks.sensor
	@$(BIN)/python -m benchmarks.attitudes
	@$(BIN)/python -m benchmarks.cohort --tries 1
	@$(BIN)/python -m benchmarks.erasing
	@$(BIN)/python -m benchmarks.disclosure --others

sbom: $(VENV)/.dev
	@$(BIN)/cyclonedx-py requirements --output-reproducible --of JSON -o sbom.cdx.json requirements.lock

audit: $(VENV)/.run
	@$(BIN)/python scripts/audit.py --advisories "$(ADVISORIES)" requirements.lock requirements-dev.lock

lock: UPGRADE := --upgrade
lock: $(VENV)/.dev
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes \
		--no-strip-extras --no-emit-index-url --no-header $(UPGRADE) --extra postgres \
		pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes \
		--no-strip-extras --no-emit-index-url --no-header $(UPGRADE) --extra dev --extra postgres \
		--constraint requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	@rm -rf $(VENV)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; run make PYTHON=<its path>")'
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing requirements.lock (a few minutes the first time)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q safer_streets_assets
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing requirements-dev.lock"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
