# Every target sets itself up: a machine needs Python 3.11 or newer, pip and make, nothing else.
# The virtual environment is this folder's own .venv, made once and used again until
# pyproject.toml or requirements.lock changes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Two stamps, because the demo should not wait for test tools that it never runs.
CORE   := $(VENV)/.stamp-core
DEV    := $(VENV)/.stamp-dev
PIP    := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
# The repository root stays off sys.path: a bare `import sim` would load every class twice.
export PYTHONSAFEPATH := 1
unexport PYTHONPATH

# An environment keeps absolute paths and needs its Python: one that was copied along with its
# folder, or that outlived its Python, is made again.
MADE_IN := $(shell $(BIN)/python -c 'print(open("$(VENV)/.made-in").read().strip())' 2>/dev/null)
ifneq ($(MADE_IN),$(CURDIR))
$(CORE): renew
endif

.DEFAULT_GOAL := help
DASH   := $(VENV)/.stamp-dashboard
PORT   ?= 8501
.PHONY: help demo dashboard screenshots test test-slow check prove mutants clean renew

help:
	@echo "make demo       paired arms on the bundled map: a table and the headline figure in out/demo"
	@echo "make dashboard  the interactive map, on http://127.0.0.1:8501 (PORT=N for another)"
	@echo "make screenshots  pictures of every page in out/screenshots (needs Chromium)"
	@echo "make test       the quick tests, and the examples in the docstrings"
	@echo "make test-slow  the slow and nightly tests"
	@echo "make check      lint, format, types and import rules"
	@echo "make prove      the proof of the guard; figures and a page in out/"
	@echo "make mutants    mutation testing of guard and reader (MODULES=\"guard rules\" for some)"
	@echo "make clean      remove the environment, caches and out/demo"

# The command refuses a folder that holds something; only the demo's own earlier output is removed.
demo: $(CORE)
	@rm -rf out/demo
	$(BIN)/guiderail demo --out out/demo

dashboard: $(DASH)
	$(BIN)/guiderail dashboard --port $(PORT)

screenshots: $(DEV)
	$(BIN)/python benchmarks/page.py --screenshots out/screenshots

test: $(DEV)
	$(BIN)/pytest -n 2 -m "not slow and not nightly and not network"
	$(BIN)/pytest -n 2 --doctest-modules --pyargs guiderail

test-slow: $(DEV)
	$(BIN)/pytest -n 2 -m "(slow or nightly) and not network"

check: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

prove: $(DEV)
	@mkdir -p out
	$(BIN)/guiderail prove --json out/proof.json --html out/proof.html

mutants: $(DEV)
	$(BIN)/python -m guiderail.sim.proof.mutants.mutation $(MODULES)

clean:
	rm -rf $(VENV) out/demo build dist *.egg-info .coverage .coverage.* htmlcov
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find agents dashboard maps sim tests -name __pycache__ -type d -prune -exec rm -rf {} +

renew:

# Some systems ship venv without ensurepip; there the system's pip fills the environment.
$(CORE): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "guiderail needs Python 3.11 or newer, and '$(PYTHON)' is not: name another, as in 'make PYTHON=python3.12 demo'." >&2; exit 1; }
ifneq ($(MADE_IN),$(CURDIR))
	@echo "making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --quiet --python $(BIN)/python install pip; }
endif
	@echo "installing guiderail and what it needs into $(VENV)"
	@$(PIP) --constraint requirements.lock --editable .
	@echo "$(CURDIR)" > $(VENV)/.made-in
	@touch $@

$(DASH): $(CORE)
	@echo "installing what the dashboard needs"
	@$(PIP) --constraint requirements.lock --editable ".[dashboard]"
	@touch $@

$(DEV): $(CORE)
	@echo "installing the test tools into $(VENV)"
	@$(PIP) --requirement requirements.lock
	@touch $@
