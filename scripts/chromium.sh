#!/bin/sh
# See that there is a Chromium for the browser tests: install it where that is allowed, else say how.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..." >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null
else
    echo "The browser tests need Chromium. Debian: sudo apt install chromium" >&2
    exit 2
fi
