# Everything a fresh clone needs: Python 3.11 or newer, and make.
#
#   make demo    set up .venv, run scenarios/her2_positive.yaml
#   make test    set up .venv, run the tests
#   make lint    set up .venv, check style and types
#   make clean   remove .venv
#
# Another Python:  make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

# A stamp inside .venv says what is installed, and goes with it.
MADE := $(VENV)/.made
CORE := $(VENV)/.core
TEST := $(VENV)/.test
DEV := $(VENV)/.dev

.PHONY: help demo test lint clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

demo: $(CORE)
	$(BIN)/python run.py scenarios/her2_positive.yaml --force

test: $(TEST)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV)

$(MADE):
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "$(PYTHON) was not found: install Python 3.11 or newer, or name yours: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "tdm1sim needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) with `$(PYTHON) --version`"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "Python could not make $(VENV); on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(CORE): $(MADE) pyproject.toml
	@echo "Installing tdm1sim and its libraries (a minute or two, once)"
	@$(PIP) -e .
	@touch $@

$(TEST): $(CORE)
	@echo "Installing what the tests need"
	@$(PIP) -e ".[test]"
	@touch $@

$(DEV): $(TEST)
	@echo "Installing what the checks of style and types need"
	@$(PIP) -e ".[dev]"
	@touch $@
