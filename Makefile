# Two commands are enough: `make run` and `make test`. The rest is for those who build.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: run test check chromium journey benchmarks faults screenshots clean

run: .venv/run ## open the app on 127.0.0.1
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: .venv/test chromium check ## the whole check: style, types, unit, page and browser tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

chromium:
	@sh tests/browser/install_chromium.sh

journey: .venv/test chromium ## a reader's whole hour in the app, from an empty workspace; minutes long
	$(BIN)/python -m pytest -m journey tests/browser/test_journey.py

benchmarks: .venv/test chromium ## every benchmark; its figures beside their targets, in benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

faults: .venv/test chromium ## the whole campaign of wrong inputs, hostile files, kills and load; prints counts
	$(BIN)/python -m tests.faults

screenshots: .venv/test chromium ## the pictures of the README and the tutorial, from the running app
	$(BIN)/python -m docs.screenshots

clean: ## the environment and caches; the workspace stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

# An environment is complete when its stamp stands; a changed requirements file makes it again.
.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fluxscape needs Python 3.11 or newer; run: make run PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
