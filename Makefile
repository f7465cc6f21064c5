# Two commands do all the set-up: `make demo` shows the tool at work, `make test` passes everything CI asks for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find snapdoctor rules -type f -not -path '*/__pycache__/*') pyproject.toml setup.py

.PHONY: demo test lint types unit bench checkpoints clean

demo: $(VENV)/installed
	$(BIN)/snapdoctor lint reference_deployments --fail-on advice
	-$(BIN)/snapdoctor lint fixtures/naive/gemma_4_26b_llama_server.py
	$(BIN)/snapdoctor timeline fixtures/naive/gemma_4_26b_llama_server.py

test: lint types unit

$(VENV)/tools: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip build
	$(BIN)/pip install --quiet "ahocorasick-rs>=1.0" "libcst>=1.8" "click>=8.1" "rich>=13" psutil nvidia-ml-py
	$(BIN)/pip install --quiet tomli pytest pytest-xdist hypothesis jsonschema requests modal==1.6.4 mypy ruff types-psutil types-protobuf fastapi \
		sarif-tools junitparser pre-commit check-jsonschema pyyaml
	touch $@

# The wheel is what users get, so the wheel is what is checked and tested.
$(VENV)/installed: $(VENV)/tools $(SOURCES)
	rm -rf build dist
	$(BIN)/python -m build --quiet --wheel
	$(BIN)/pip install --quiet --force-reinstall --no-deps dist/*.whl
	rm -rf build
	touch $@

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check . --exclude fixtures --exclude 'rules/*/cases'

types: $(VENV)/installed
	cd / && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --cache-dir $(CURDIR)/.mypy_cache -p snapdoctor

unit: $(VENV)/installed
	PYTHONPATH=tests $(BIN)/python -m engines
	PYTHONSAFEPATH=1 $(BIN)/pytest -q -n 2

bench: $(VENV)/installed
	$(BIN)/python benchmarks/run.py

# What the probe says inside gVisor, and what checkpoint and restore then do: every hazard, about ten minutes, as root.
checkpoints: $(VENV)/installed
	$(BIN)/python -m tests.checkpoint.table > tests/checkpoint/gvisor-$$(runsc --version | sed -nE 's/.*(20[0-9]{2})([0-9]{2})[0-9]{2}.*/\1-\2/p').md --python \
		"$$(PYTHONPATH=tests $(BIN)/python -c 'from engines import environment; print(environment.python())')"

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
