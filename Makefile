# make run     the demo marketplace, on this machine only
# make serve   the real one, empty at first
# make test    everything: linter, types, tests on SQLite and on PostgreSQL, browser tests
PYTHON ?= python3
BIN := .venv/bin
# What a later line of `make test` runs on PostgreSQL: whatever touches the database.
ON_POSTGRESQL := $(wildcard tests/storage tests/services tests/web tests/jobs tests/imports tests/exports)

.DEFAULT_GOAL := run
.PHONY: run serve test lint types lock chromium

run: .venv/.run
	@$(BIN)/python -m crowd run

serve: .venv/.run
	@$(BIN)/python -m crowd serve

test: lint types chromium
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --database=postgresql -m "not browser" $(ON_POSTGRESQL)

lint: .venv/.dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: .venv/.dev
	@$(BIN)/mypy

chromium: .venv/.dev
	@sh scripts/chromium.sh

lock:
	@sh scripts/lock.sh

.venv/.run: requirements.txt requirements-redis.txt scripts/make-venv.sh
	@PYTHON="$(PYTHON)" sh scripts/make-venv.sh requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements-redis.txt scripts/make-venv.sh
	@PYTHON="$(PYTHON)" sh scripts/make-venv.sh requirements-dev.txt
	@touch .venv/.run $@
