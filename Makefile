# The commands of this project; CI calls the same ones. `make` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The demo must show the reference target, whatever API the user's shell is set up for.
CLEAN_ENV := env -u OPENAI_BASE_URL -u OPENAI_API_KEY -u PYTHONDONTWRITEBYTECODE
OUT ?= reports/demo

.PHONY: help demo test test-fast test-browser test-node lint bench selftest mutants sample docs dist clean

help:            ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

$(VENV)/runtime: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[sdk]'
	@touch $@

$(VENV)/development: $(VENV)/runtime
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[sdk,dev]'
	@touch $@

demo: $(VENV)/runtime   ## run the whole suite against the embedded reference target
	$(CLEAN_ENV) $(BIN)/conformance run --out $(OUT)

test: $(VENV)/development   ## our own tests, all but those that need a browser or Node
	$(CLEAN_ENV) $(BIN)/pytest -q -n 2 --dist loadfile --ignore=tests/browser --ignore=tests/node

test-browser: $(VENV)/development node_modules/axe-core   ## the reports in headless Chromium
	$(CLEAN_ENV) $(BIN)/pytest -q tests/browser

test-node: $(VENV)/development node_modules/openai node_modules/@copilotkit/aimock   ## the official Node client, and a server of others
	$(CLEAN_ENV) $(BIN)/pytest -q tests/node

node_modules/axe-core node_modules/openai node_modules/@copilotkit/aimock: package.json
	npm install --no-audit --no-fund --no-package-lock --ignore-scripts --silent
	@touch node_modules/axe-core node_modules/openai node_modules/@copilotkit/aimock

lint: $(VENV)/development   ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/development   ## performance, as ratios taken in one run
	$(CLEAN_ENV) $(BIN)/python -m benchmarks

selftest: $(VENV)/runtime   ## the kill matrix: every fault, and what catches it; then every pair of legal variants
	$(CLEAN_ENV) $(BIN)/conformance selftest --out reports/selftest
	$(CLEAN_ENV) $(BIN)/conformance selftest --variants --out reports/selftest

mutants: $(VENV)/development   ## mutation tests of checks and wire; MUTANTS='conformance.wire.sse*' for a part
	$(CLEAN_ENV) $(BIN)/mutmut run $(MUTANTS) >.mutants.log 2>&1; tail -c 120 .mutants.log; echo
	$(BIN)/mutmut results

sample: $(VENV)/development   ## make the committed sample report and the screenshots anew
	$(CLEAN_ENV) $(BIN)/python docs/make_sample.py

docs: $(VENV)/development   ## write the generated reference pages
	$(CLEAN_ENV) $(BIN)/python docs/generate.py

dist: $(VENV)/development   ## the wheel
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt build
	$(BIN)/python -m build --wheel

clean:           ## remove what these commands made
	rm -rf $(VENV) .build build dist node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
