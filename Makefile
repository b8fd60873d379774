# One command for everything a contributor does. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup compiled demo lab test lint types imports javascript extension typescript unit notebooks browser prometheus clients \
  bench kernels lock clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JS := tests/javascript
JS_READY := $(JS)/node_modules/.ready
TS := labextension
TS_READY := $(TS)/node_modules/.ready
TS_SOURCES := $(TS)/package.json $(TS)/tsconfig.json $(shell find $(TS)/src $(TS)/style $(TS)/schema -type f)
EXTENSION := jupyter_mlops/labextension
EXTENSION_IN_VENV := $(VENV)/share/jupyter/labextensions/jupyter-mlops
# jlpm is JupyterLab's own Yarn; it looks for node on the path.
JLPM := cd $(TS) && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm
# The longest first, so that both of those that run at a time end together.
NOTEBOOKS := example_notebooks/05_promote.ipynb example_notebooks/01_from_cells_to_service.ipynb \
  example_notebooks/06_compare.ipynb example_notebooks/02_drift.ipynb \
  example_notebooks/04_reproduce.ipynb example_notebooks/03_time_travel.ipynb

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the lock (quick when nothing changed)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "jupyter-mlops needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another one."; \
	    echo "Name one: make setup PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the locked packages into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --no-compile \
	  -r requirements.lock
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true # pip would do it on one core
	@rm -rf $(EXTENSION_IN_VENV) # a link to this folder, which pip would write through
	@HATCH_JUPYTER_BUILDER_SKIP_NPM=1 \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# Ours are compiled here for machines where Python must not write files: all processes would do it anew there.
compiled: setup
	@$(BIN)/python -m compileall -q jupyter_mlops

demo: setup compiled ## run the example notebook from first cell to served model
	@$(BIN)/python example_notebooks/demo.py

lab: setup extension ## open JupyterLab on the example notebook, with everything to click
	@$(BIN)/python example_notebooks/demo.py --prepare-only
	@cd demo && ../$(BIN)/jupyter lab $$(test $$(id -u) != 0 || echo --allow-root) 01_from_cells_to_service.ipynb

# Side by side: a cold registry, a browser or a process of a test is waited for while others compute.
test: setup ## everything CI runs
	@$(MAKE) --no-print-directory -j2 lint types imports javascript typescript browser prometheus clients
	@$(MAKE) --no-print-directory -j2 unit notebooks

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

javascript: $(JS_READY) ## lint the widgets' modules and test them in Node, which comes with the lock
	@$(BIN)/node $(JS)/node_modules/eslint/bin/eslint.js --config $(JS)/eslint.config.js jupyter_mlops/widgets $(JS)
	@$(BIN)/node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON --test --test-reporter=dot '$(JS)/*.test.js'

# The registry is asked only when the lock has changed.
$(JS_READY): $(JS)/package-lock.json | setup
	@echo "installing the locked packages into $(JS)/node_modules"
	@$(BIN)/npm ci --prefix $(JS) --loglevel=error >/dev/null
	@touch $@

extension: $(EXTENSION)/static/style.js ## build the JupyterLab extension, where this .venv's Lab finds it
	@test -L $(EXTENSION_IN_VENV) || { rm -rf $(EXTENSION_IN_VENV); \
	  mkdir -p $(dir $(EXTENSION_IN_VENV)); ln -s $(CURDIR)/$(EXTENSION) $(EXTENSION_IN_VENV); }

typescript: extension ## lint and test the extension's TypeScript; its types are those of the server's schema
	@$(JLPM) lint
	@$(JLPM) types:check || { echo "src/api/rest.ts is not what rest.schema.json says: jlpm types"; exit 1; }
	@$(JLPM) test

$(EXTENSION)/static/style.js: $(TS_SOURCES) $(TS_READY)
	@echo "building the JupyterLab extension"
	@($(JLPM) build) >$(TS)/node_modules/.log 2>&1 || { cat $(TS)/node_modules/.log; exit 1; }

# As above: once per change of the lock, 40 seconds when nothing is in Yarn's cache.
$(TS_READY): $(TS)/yarn.lock | setup
	@echo "installing the locked packages into $(TS)/node_modules"
	@mkdir -p $(TS)/node_modules
	@($(JLPM) install --immutable) >$(TS)/node_modules/.log 2>&1 || { cat $(TS)/node_modules/.log; exit 1; }
	@touch $@

# As in the notebooks: several threads in each of the workers would only wait for one another.
unit: setup compiled extension browser prometheus clients $(JS_READY)
	@OMP_NUM_THREADS=1 sh tests/in_memory.sh \
	  $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Two at a time: with several threads in each they only wait for one another, at twice the CPU.
notebooks: setup compiled
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

lock: setup ## resolve all locks anew (with hashes, without addresses)
	@$(BIN)/python -m pip install --quiet "uv>=0.9,<1"
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --upgrade --all-extras --group dev pyproject.toml --output-file requirements.lock
	@for engine in compiled sklearn; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --constraints requirements.lock \
	  jupyter_mlops/bundle/locks/$$engine.in --output-file jupyter_mlops/bundle/locks/$$engine.txt || exit 1; done
	@$(BIN)/npm update --prefix $(JS) --package-lock-only --loglevel=error >/dev/null

clean: ## remove everything that was made here
	@rm -rf $(VENV) .clients $(JS)/node_modules $(TS)/node_modules $(TS)/lib $(EXTENSION) demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
