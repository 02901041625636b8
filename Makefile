# Two commands do everything on a machine that has Python 3.11 or newer and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Files of tests are spread over the cores; those of one file share what they made.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-all lint bench serve cluster-start cluster-stop clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/lexicart demo

test: $(STAMP)
	$(PYTEST)

# What needs a server starts it here; LEXICART_TEST_REQUIRE makes a skip of a named one a failure.
test-all: $(STAMP)
	LEXICART_TEST_START=postgres,elasticsearch $(PYTEST)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m benchmarks

serve: $(STAMP)
	$(BIN)/lexicart serve

# A real Elasticsearch for tests, in the background; its addresses are the last lines on standard output.
NODES ?= 1
cluster-start: $(STAMP)
	@$(BIN)/python -m tests.servers.elasticsearch start --nodes $(NODES)

cluster-stop: $(STAMP)
	@$(BIN)/python -m tests.servers.elasticsearch stop

clean:
	rm -rf $(VENV) lexicart-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
