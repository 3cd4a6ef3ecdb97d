# Two commands do everything on a fresh machine with Python 3.11+ and make:
#   make run     the app, on a demo company, no credentials
#   make test    everything CI runs
#   make test-thorough    the longest oracles and properties, for every night
#   make docs             writes anew what documents are generated (tests say when they are not current)
#   make audit-dependencies  known faults of the dependencies, where the network lets us ask
#   make test-faults      500 schedules of faults and kills against repairs and their undo
# and where Java 17 or newer is at hand:
#   make test-spark    the metric expressions on Spark, equal to DuckDB's to the last digit that counts

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
SPARK := .venv-spark

# Modules are compiled once, also where the environment forbids it: the app, the command line and
# the tests start many processes, and compiling pandas alone takes each of them seconds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-thorough test-faults test-spark audit-dependencies check docs browser clean

run: $(VENV)/.runtime
	$(BIN)/python -m streamlit run app.py --server.address=127.0.0.1 --server.port=$(PORT)

test: $(VENV)/.development browser check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not thorough"

# The longest oracles and properties (tests/conftest.py lists them): nightly, and before a release.
test-thorough: $(VENV)/.development browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m thorough

# Nightly: any schedule of refusals, dead links and kills, and what the CRM and the journal say afterwards.
test-faults: $(VENV)/.development
	LEADPACT_SCHEDULES=500 $(BIN)/python -m pytest -q tests/test_repair_apply.py tests/test_repair_protocols.py

# Known faults of what is pinned: in CI, and before a release. Where nobody can be asked it says so.
audit-dependencies: $(VENV)/.development
	$(BIN)/python -m tests.audit_dependencies

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.development
	for written in leadpact.help_pages leadpact.definitions_page leadpact.audit.catalogue leadpact.maturity.words \
		tests.contract.document; do $(BIN)/python -m $$written || exit 1; done

# Spark is no dependency of LeadPact: it lives in an environment of its own, for this test only.
test-spark: $(SPARK)/.installed
	$(SPARK)/bin/python -m pytest -m spark

# Headless Chromium for the browser tests: the system's, Debian's package where we may install
# it, else Playwright's own. Where none can be had those tests say so and are skipped.
browser: $(VENV)/.development
	@sh tests/browser.sh $(BIN)/python

$(VENV)/.runtime: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LeadPact needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.development: requirements-dev.txt requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LeadPact needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.runtime

$(SPARK)/.installed: requirements-spark.txt requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LeadPact needs Python 3.11 or newer")'
	test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -r requirements-spark.txt
	touch $@

clean:
	rm -rf $(VENV) $(SPARK) .pytest_cache .mypy_cache .ruff_cache .hypothesis
