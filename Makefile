# `make demo` shows it, `make test` tests it; each sets up all it needs in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-rest test-all coverage lint types test-pythons compatibility mutants fuzz screenshots bench clean

# --group needs pip 25.1, so the environment's own pip is brought up to date first.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[cli,maintenance]" --group dev
	touch $@

demo: $(VENV)/.installed
	$(BIN)/errorpages demo

# Tests run beside each other, one process a core; TESTS="tests/test_core.py -k memory" runs these alone.
PYTEST := $(if $(COVERAGE),coverage run,python) -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal
TESTS ?=

# All that needs nothing but Python packages and no server; says at its end what it left to test-rest.
test: $(VENV)/.installed
	$(BIN)/$(PYTEST) --part quick $(TESTS)

# Browsers, servers, Redis and the matrix of frameworks; needs Debian's chromium and redis-server for all of it.
test-rest: $(VENV)/.installed
	$(BIN)/$(PYTEST) --part rest $(TESTS)

test-all: test test-rest

# What `make test` runs, measured; less than 95% of src fails.
coverage: $(VENV)/.installed
	$(BIN)/coverage erase
	$(MAKE) test COVERAGE=1
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The core's tests on every other Python from 3.11 up that this machine has, pyenv's included.
test-pythons:
	./.ci/test-pythons

lint: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.installed
	$(BIN)/mypy

# The table of frameworks and servers in docs/compatibility.md, from a run of their tests; CHECK=1 fails where it is stale.
compatibility: $(VENV)/.installed
	$(BIN)/python -m tests.compatibility $(if $(CHECK),--check)

# Looks for hostile exchanges for a bounded time; a finding is written to fuzz/found.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS)

# Changes src/errorpages/$(MODULE).py in every small way, and lists the changes that the tests named after it do not notice.
mutants: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group mutants
	$(BIN)/python -m tests.mutants $(or $(MODULE),$(error MODULE is missing: make mutants MODULE=headers)) $(TESTS)

# The pictures of the documents; needs Debian's chromium and fonts-liberation.
screenshots: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group pictures
	$(BIN)/python docs/pictures/make.py

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(VENV)-* build dist src/*.egg-info .coverage*
