#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs one where there is none.
set -eu

for name in "${PAPERDIARY_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >&2 || true
    if command -v chromium >/dev/null 2>&1; then
        command -v chromium
        exit 0
    fi
fi

# Playwright's own build, where it can be fetched
if .venv/bin/python -m playwright install chromium >&2; then
    .venv/bin/python - <<'PY'
from playwright.sync_api import sync_playwright

with sync_playwright() as p:
    print(p.chromium.executable_path)
PY
    exit 0
fi

echo "The browser tests need Chromium: install it, or set PAPERDIARY_CHROMIUM to its path." >&2
exit 1
