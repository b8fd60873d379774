# One command for everything a contributor does. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo lab test lint types imports unit notebooks browser prometheus clients bench kernels lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The longest first, so that both of those that run at a time end together.
NOTEBOOKS := example_notebooks/05_promote.ipynb example_notebooks/01_from_cells_to_service.ipynb \
  example_notebooks/02_drift.ipynb example_notebooks/04_reproduce.ipynb example_notebooks/03_time_travel.ipynb

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the lock (quick when nothing changed)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "jupyter-mlops needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another one."; \
	    echo "Name one: make setup PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the locked packages into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup ## run the example notebook from first cell to served model
	@$(BIN)/python example_notebooks/demo.py

lab: setup ## open JupyterLab on the example notebook
	@$(BIN)/python example_notebooks/demo.py --prepare-only
	@cd demo && ../$(BIN)/jupyter lab $$(test $$(id -u) != 0 || echo --allow-root) 01_from_cells_to_service.ipynb

test: setup lint types imports unit notebooks ## everything CI runs

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

# As in the notebooks: several threads in each of the workers would only wait for one another.
unit: setup browser prometheus clients
	@OMP_NUM_THREADS=1 sh tests/in_memory.sh \
	  $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Two at a time: with several threads in each they only wait for one another, at twice the CPU.
notebooks: setup
	@printf '%s\n' $(NOTEBOOKS) | OMP_NUM_THREADS=1 sh tests/in_memory.sh xargs -P 2 -I {} \
	  sh -c 'MLOPS_PROJECT=$$(mktemp -d) \
	  $(BIN)/pytest -o addopts= -q --nbval --nbval-sanitize-with tests/nbval.cfg {}'

browser: setup
	@sh tests/browser/install_chromium.sh $(BIN)/playwright

prometheus:
	@sh tests/bundle/install_prometheus.sh

clients: setup
	@sh tests/bundle/clients/install.sh $(BIN)/python

bench: setup ## measure, in pairs, what the docs claim about speed
	@$(BIN)/python -m benchmarks

kernels: setup ## build the small C libraries of compiled trees for all platforms, after a change in trees.c
	@$(BIN)/python -m jupyter_mlops.bundle.kernel.build

lock: setup ## resolve requirements.lock and the bundles' locks anew (with hashes, without addresses)
	@$(BIN)/python -m pip install --quiet "uv>=0.9,<1"
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --upgrade --all-extras --group dev pyproject.toml --output-file requirements.lock
	@for engine in compiled sklearn; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --constraints requirements.lock \
	  jupyter_mlops/bundle/locks/$$engine.in --output-file jupyter_mlops/bundle/locks/$$engine.txt || exit 1; done

clean: ## remove everything that was made here
	@rm -rf $(VENV) .clients demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
