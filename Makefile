# `make demo` and `make test` need Python 3.11, 3.12 or 3.13 with venv, and make; once, the package index.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
USABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# The first of these that runs, is of a supported version and can make an environment.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(USABLE)' >/dev/null 2>&1 && { echo $$p; break; }; done)

.PHONY: help demo test lint lock docs gallery site maps bench fuzz audit clean
.DELETE_ON_ERROR:

help:
	@echo "make demo     run the whole job on the embedded sample: out/demo/map.html"
	@echo "make test     run the tests"
	@echo "make lint     check style, types and spelling"
	@echo "make maps     draw the example maps again"
	@echo "make docs     write what README and docs take from the program"
	@echo "make site     build the documentation site: out/site/index.html"
	@echo "make gallery  run the example notebooks again and store what they show"
	@echo "make bench    time the heavy steps"
	@echo "make fuzz     show spoilt files by the thousand to inspect and run"
	@echo "make lock     resolve the dependencies again"
	@echo "make audit    ask the package index for known vulnerabilities of what is locked"

demo: $(VENV)/.run
	@$(BIN)/geoasm demo --out out/demo --overwrite

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/oxlint --deny-warnings geoasm/render/static docs/javascripts

maps: $(VENV)/.dev
	@$(BIN)/python maps/draw.py

docs: $(VENV)/.run
	$(BIN)/python -m docs.make_pages
	$(BIN)/python docs/draw_house.py

# The theme prints news of its makers at every build, unless it is told not to.
site: $(VENV)/.dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

gallery: $(VENV)/.dev
	$(BIN)/python docs/make_gallery.py

bench: $(VENV)/.dev
	@failed=0; for script in $$(grep -l __main__ benchmarks/*.py | grep -v tables.py); do \
		echo "== $$script"; $(BIN)/python "$$script" || failed=1; done; \
		$(BIN)/python benchmarks/tables.py || failed=1; exit $$failed

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz.campaign $(or $(ARGS),--mutants 20000 --seed 1)

# Asks the network, so it is none of the checks of `.ci/run`.
audit: | $(BIN)/python
	@$(BIN)/python .ci/audit.py requirements.lock requirements-dev.lock

# One resolution for all supported versions of Python, with hashes; no index is named.
lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-annotate
lock: | $(BIN)/python
	$(PIP) install uv
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c '$(USABLE)' || { \
		echo "geoasm needs Python 3.11, 3.12 or 3.13 with its venv module (Debian: apt install python3-venv)." >&2; \
		echo "If yours is not on PATH: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version); this is done once" >&2
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
