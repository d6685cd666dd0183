# Everything that is done to a checkout. `make` alone lists it; each target works from nothing and in any order.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --no-build-isolation --constraint constraints.txt

# One process of tests a core; each takes a stretch of neighbours, which share what their fixtures made.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

# What the caller's shell has set for another Python must not reach this one.
unexport PYTHONHOME PYTHONPATH PIP_USER
export HERE := $(CURDIR)

.DEFAULT_GOAL := help
.NOTPARALLEL: # `make -j demo test` shares one .venv
.PHONY: help demo test quick lint check format clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## train LeNet-5 on handwritten digits: no download, a new directory under runs/
	$(BIN)/luthier train digits

test: .venv/installed-dev ## run every test
	$(PYTEST)

quick: .venv/installed-dev ## run the tests that take no longer than a few seconds
	$(PYTEST) -m "not slow"

lint: .venv/installed-dev ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test ## lint, then every test: what a change must pass

format: .venv/installed-dev ## write the format, and the fixes that are safe
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean: ## remove all that make or the tests left here, except runs/
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -path ./.git -prune -o -path ./runs -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# Each stamp is written last and holds the path of this checkout. Without a stamp the last install never ended, with
# another path the checkout was moved or copied: both start from an empty .venv. With the right one, pip goes on in place.

ifneq ($(shell test -x $(BIN)/python && cat .venv/installed 2>/dev/null),$(CURDIR))
.PHONY: .venv/installed
endif

.venv/installed: pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
	  "Luthier needs Python 3.11 or newer, and '$(PYTHON)' is not: name one, as in make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python && test "$$(cat $@ 2>/dev/null)" = "$$HERE" || "$(PYTHON)" -m venv --clear .venv
	@rm -f .venv/installed .venv/installed-dev
	$(PIP) hatchling
	$(PIP) --editable .
	@printf '%s\n' "$$HERE" >$@

.venv/installed-dev: .venv/installed
	@rm -f .venv/installed
	$(PIP) --editable '.[dev]'
	@printf '%s\n' "$$HERE" >.venv/installed
	@printf '%s\n' "$$HERE" >$@
