# Two commands: `make site` builds the site from notes/, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
INPUTS := pyproject.toml constraints.txt

.PHONY: site serve test lint docs bench reliability clean

site: $(VENV)/.site
	$(BIN)/diary build
	@echo
	@echo "The site is in site/. To look at it:  $(BIN)/diary serve  and open http://127.0.0.1:8000"

serve: $(VENV)/.site
	$(BIN)/diary serve

test: $(VENV)/.dev lint
	@scripts/find_chromium.sh >$(VENV)/.chromium
	PAPERDIARY_CHROMIUM="$$(cat $(VENV)/.chromium)" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev
	$(BIN)/ruff check paperdiary tests scripts
	$(BIN)/ruff format --check paperdiary tests scripts
	$(BIN)/mypy

# the parts of docs/ that are made from the code
docs: $(VENV)/.dev
	$(BIN)/python scripts/write_docs.py

# every figure of docs/benchmarks.md, on this machine; ROWS="one-of-500 growth" measures some
bench: $(VENV)/.dev
	@$(INSTALL) --editable '.[bench]'
	$(BIN)/python scripts/bench.py $(ROWS)

# every row of docs/reliability.md, on this machine; ROWS="kill-build nights" tries some
reliability: $(VENV)/.dev
	$(BIN)/python scripts/reliability.py $(ROWS)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Paper Diary needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.site: $(INPUTS) | $(BIN)/python
	@echo "Installing (once; a few minutes) ..."
	$(INSTALL) --editable '.[offline]'
	@touch $@

$(VENV)/.dev: $(INPUTS) | $(BIN)/python
	@echo "Installing what the tests need (once) ..."
	$(INSTALL) --editable '.[offline,llm,mcp,parquet,dev]'
	@touch $@ $(VENV)/.site

clean:
	rm -rf site .paperdiary .mypy_cache .ruff_cache .pytest_cache
