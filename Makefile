# Everything a contributor runs. Needs Python >= 3.10 and make; the first target that needs more
# sets it up in `.venv`. Choose another interpreter with `make PYTHON=python3.13 …`.

PYTHON ?= python3
WORKERS ?= auto
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup test test-matrix lint types contracts build demo bench clean

help:                 ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(READY)       ## make .venv with both distributions (editable) and the tools

# --group needs pip 25.1; the pip that comes with an older Python does not have it.
$(READY): pyproject.toml client/pyproject.toml hatch_build.py client/hatch_build.py
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("make: %s is Python %d.%d; 3.10 or newer is needed, e.g. make PYTHON=python3.12" % (sys.executable, *sys.version_info[:2]))'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ./client --editable . --group dev
	@touch $@

test: $(READY)        ## run unit, contract, integration and build tests
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadgroup $(ARGS)

# Servers of the releases pinned in interop/pins, one after another.
test-matrix: $(READY) ## run the client against real servers of older releases
	$(BIN)/python -m pytest -m matrix tests/integration $(ARGS)

lint: $(READY)        ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)       ## check types strictly
	$(BIN)/mypy

contracts: $(READY)   ## check which room may import which
	$(BIN)/lint-imports

build: $(READY)       ## build both distributions into dist/
	$(BIN)/python -m build --outdir dist client
	$(BIN)/python -m build --outdir dist .

demo:                 ## submit a run from the light client to a real server and follow it
	$(PYTHON) demo/run.py

bench: $(READY)       ## measure our light wheel beside the released client
	@set -e; for bench in benches/[a-z]*.py; do echo "== $$bench"; $(BIN)/python $$bench $(ARGS); done

clean:                ## remove everything the other targets made
	rm -rf .venv venvs dist client/dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests interop benches -name __pycache__ -prune -exec rm -rf {} +
