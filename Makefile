# Every command of the project. `make run` and `make test` are all that a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
DEMO ?= demo

.PHONY: run serve messages pictures wheel test test-all bench load faults mutants lint coverage-of-requirements lock clean

.venv/.done-run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

.venv/.done-test: .venv/.done-run requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# Front-end assets; without Node the command line and its report still work.
.done-npm: package-lock.json
	if command -v npm >/dev/null; then npm ci --no-audit --no-fund --loglevel=error; else echo "npm not found: assets skipped"; fi
	touch $@

run: .venv/.done-run .done-npm  ## install, make the demo city, plan it, approve and release as two people
	$(BIN)/tuogu demo --out $(DEMO) --fresh

serve: .venv/.done-run .done-npm  ## the pages and the worker on the demo, http://127.0.0.1:8000/ (made when absent)
	test -e $(DEMO)/tuogu.sqlite3 || $(MAKE) run
	TUOGU_DEMO=1 $(BIN)/tuogu serve --db sqlite:///$(abspath $(DEMO))/tuogu.sqlite3

test: .venv/.done-test .done-npm  ## the whole fast suite, on SQLite and on PostgreSQL
	$(BIN)/python tests/suite.py fast

test-all: .venv/.done-test .done-npm lint  ## the fast suite and every long, exhaustive run
	$(BIN)/python tests/suite.py all

faults: .venv/.done-test  ## kills, races and disk faults
	$(BIN)/python tests/suite.py faults

bench: .venv/.done-test  ## measured ratios of this machine, printed as a table
	$(BIN)/python -m benchmarks

load: .venv/.done-test .done-npm  ## 500 people for ten minutes on PostgreSQL: no error, p95 ≤ 500 ms, everything holds
	$(BIN)/python tests/load_run.py

mutants: .venv/.done-test  ## change apportionment, lots and scores one spot at a time: 90 % must be noticed
	$(BIN)/python -m tools.mutants --at-least 90

lint: .venv/.done-test
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings tuogu.settings

messages: .venv/.done-test  ## bring the English catalogue in step with the interface texts
	$(BIN)/python -m tools.messages

pictures: .venv/.done-test .done-npm  ## make the README's pictures anew from a demo
	$(BIN)/python -m tools.pictures

wheel: .venv/.done-run .done-npm  ## the package with its front-end assets, in dist/
	$(BIN)/python -m tools.wheel

coverage-of-requirements: .venv/.done-test  ## each requirement row with its tests, or '-'
	@$(BIN)/python tests/requirement_coverage.py

lock: .venv/.done-test  ## resolve dependencies anew; locks hold hashes and name no host
	$(BIN)/pip-compile --upgrade --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe -o requirements-dev.lock requirements-dev.in
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe -c requirements-dev.lock -o requirements.lock requirements.in

clean:
	rm -rf .venv node_modules .done-npm $(DEMO) var
