# The few verbs of this repository. PYTHON is only used to make .venv.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := contracts policy chassis kith_local identity care_plans sessions family_portal notifications

.PHONY: install install-tests run check lint test journeys bench snapshot

install:
	@$(PYTHON) deploy/local/bootstrap

install-tests:
	@$(PYTHON) deploy/local/bootstrap --tests

run: install
	@exec $(BIN)/kith up

lint: install-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports

check: lint
	$(BIN)/pytest -q -m "not parts and not stack and not browser"

test: lint
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not stack and not browser"
	$(BIN)/pytest -q -n 2 --dist loadfile -m "stack or browser"

journeys: install-tests
	$(BIN)/pytest tests/journeys

bench:
	@$(PYTHON) deploy/local/bootstrap --tests --bench
	$(BIN)/python -m bench

snapshot: install
	$(BIN)/python -m contracts.snapshot
