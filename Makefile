# `make` lists what there is. A fresh machine needs python3 (3.11 or newer, with venv) and make;
# everything else goes into the folder .venv here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
ARGS ?=

# As many at once as there are cores; the tests of a file stay together, for what they share.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check audit bench docs format lock clean

help:
	@echo "make run        serve the workbench on http://localhost:8501 and the API on http://localhost:8000"
	@echo "make test       run the tests"
	@echo "make test-fast  run the tests without the slow ones"
	@echo "make check      format, lint, types, import rules, audit and tests: what the build checks"
	@echo "make audit      ask a vulnerability database about the locked packages"
	@echo "make bench      measure, each figure beside its baseline"
	@echo "make docs       write docs/checks.md from the code"
	@echo "make format     put the code into its format"
	@echo "make lock       choose the dependencies anew and write the requirements files"
	@echo "make clean      remove what make has built (your data stays)"

# workbench run ends by printing the addresses, and stops all it started on Ctrl-C.
run: $(VENV)/.runtime
	@$(BIN)/workbench run $(ARGS)

test: $(VENV)/.dev
	@$(PYTEST) $(ARGS)

test-fast: $(VENV)/.dev
	@$(PYTEST) -m "not slow and not browser" $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python .ci/audit.py
	@$(PYTEST) $(ARGS)

# Says SKIPPED where no database answers; ARGS="--url …" names another than OSV.
audit: $(VENV)/.dev
	@$(BIN)/python .ci/audit.py $(ARGS)

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench $(ARGS)

docs: $(VENV)/.runtime
	@$(BIN)/workbench checks --markdown > docs/checks.md

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# What hatchling needs is in the run-time file too: the project installs itself without a network.
lock: $(VENV)/.made
	@test -x $(BIN)/uv || $(PIP) install --quiet uv
	@printf 'hatchling\neditables\n' | $(UV_COMPILE) pyproject.toml - --output-file requirements.txt
	@$(UV_COMPILE) pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt

UV_COMPILE := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links $(LOCK_ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "The workbench needs Python 3.11 or newer; \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1 || true)."; \
		echo "Install one and name it: make PYTHON=python3.12 run"; exit 2; } >&2
	@echo "Making the virtual environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make virtual environments here. On Debian or Ubuntu: apt install python3-venv"; \
		exit 2; } >&2
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.txt pyproject.toml
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements-dev.txt pyproject.toml
	@$(call install,requirements-dev.txt)
	@touch $(VENV)/.runtime $@

# Names each package as it arrives. The pipe hides pip's exit code, so the last line asks for it.
define install
echo "Installing what $(1) lists; the first time this takes some minutes …"; \
rm -f $(VENV)/.installed; \
{ $(PIP) install --require-hashes --progress-bar off --requirement $(1) \
	&& $(PIP) install --quiet --no-deps --no-build-isolation --editable . \
	&& touch $(VENV)/.installed; } \
	| awk '/^Collecting/ { printf "%s ", $$2; fflush() } \
	       /^Installing collected/ { printf "\nUnpacking …\n"; fflush() }'; \
test -f $(VENV)/.installed || { echo "Installing $(1) failed; what went wrong stands above." >&2; exit 1; }
endef
