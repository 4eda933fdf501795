# The workbook's commands. All that is needed beforehand: make, and Python 3.10 to 3.13.
#
#   make run                                   make test
#   make run PROFILE=full DATA=real            make run PYTHON=python3.12
#
# `make help` lists them all.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
# Made last, and only after everything is installed: an interrupted installation starts again.
INSTALLED = $(VENV)/installed

# Settings of a run; empty means the command's own default, and all notebooks.
PROFILE =
DATA =
NOTEBOOKS =
SETTINGS = $(if $(PROFILE),--profile $(PROFILE)) $(if $(DATA),--data $(DATA)) $(NOTEBOOKS)

TF_CPP_MIN_LOG_LEVEL ?= 2
export TF_CPP_MIN_LOG_LEVEL
# glibc gives large blocks of memory back as soon as they are freed, and TensorFlow asks for them
# again at the next step: on two cores up to a third of a training's time. These keep them.
# Other systems' libraries do not read these variables.
MALLOC_TRIM_THRESHOLD_ ?= 8000000000
MALLOC_MMAP_THRESHOLD_ ?= 4000000000
export MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_
# TensorFlow has Intel's kernels (oneDNN) for convolutions, and uses them unasked only on processors
# with AVX-512 VNNI. With plain AVX2 they are up to twice as fast as its own.
TF_ENABLE_ONEDNN_OPTS ?= 1
export TF_ENABLE_ONEDNN_OPTS
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL = help
.PHONY: help install run test lab notebooks lint bench data readme address lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## make .venv and install everything into it

run: $(INSTALLED) ## execute every notebook, write build/workbook/index.html (PROFILE=, DATA=, NOTEBOOKS=)
	@$(BIN)/python -m helpers.workbook run $(SETTINGS)

test: $(INSTALLED) ## run the unit tests, then nbval over the notebooks, without a network
	$(BIN)/python -m pytest
	WORKBOOK_PROFILE=quick WORKBOOK_DATA_SOURCE=embedded $(BIN)/python -m pytest --nbval notebooks/

lab: $(INSTALLED) ## open copies of the notebooks in JupyterLab, in work/
	@$(BIN)/python -m helpers.workbook lab

notebooks: $(INSTALLED) ## execute the notebooks in place, for authors (PROFILE=, DATA=, NOTEBOOKS=)
	@$(BIN)/python -m helpers.workbook notebooks $(SETTINGS)

lint: $(INSTALLED) ## check code and notebooks with ruff, and the workflow with actionlint if there
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if command -v actionlint >/dev/null; then actionlint; \
	else echo "actionlint is not installed; the workflow is checked when it runs"; fi

bench: $(INSTALLED) ## measure speed and memory, write build/benchmarks.md
	$(BIN)/python -m tests.benchmarks

data: $(INSTALLED) ## fetch everything real ahead of time
	@$(BIN)/python -m helpers.workbook data

readme: $(INSTALLED) ## bring README's table of notebooks up to date
	@$(BIN)/python -m helpers.workbook readme

address: $(INSTALLED) ## write pyproject's Repository address wherever the clone states it
	@$(BIN)/python -m helpers.workbook address

lock: $(INSTALLED) ## choose the newest allowed versions for requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --upgrade --quiet \
	  --python-version 3.10 --no-annotate --no-header --output-file requirements.lock

clean: ## remove what was built, but not .venv
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "The workbook needs Python 3.10 to 3.13, but $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>&1 || echo missing)."; \
	  echo "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) comes without its venv module."; \
	  echo "On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -c 'import platform; exit((platform.system(), platform.machine()) == ("Darwin", "x86_64"))' || { \
	  echo "TensorFlow 2.19 and later do not exist for Macs with Intel processors, nor for their Python."; \
	  echo "The notebooks run in Google Colab: see README.md."; exit 1; }
	@test -w . || { \
	  echo "$(CURDIR) cannot be written to, and $(VENV) and build are made in it."; \
	  echo "Copy the workbook to a folder of your own, and run make there."; exit 1; }
	@echo "Installing TensorFlow, JupyterLab and what they need into $(VENV), once:" \
	  "about 0.8 GB to download and 2.9 GB on disk on Linux, less elsewhere."
	@rm -f $(INSTALLED)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)
