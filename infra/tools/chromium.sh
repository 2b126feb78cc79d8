#!/usr/bin/env bash
# Prints the path of a Chromium, installing one where there is none: Debian's package as root, else the
# build that Playwright downloads for this user. With --shell, of the one without a window, which needs half the
# processor for the same pages; where that cannot be had, the usual one does.
set -euo pipefail
cd "$(dirname "$0")/../.."

debian() { # installs a package as root, and takes none away for it
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "installing $1 (Debian's package)" >&2
  { apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 &&
     DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove "$1"; } >/dev/null
}

if [ "${1:-}" = --shell ]; then
  if [ -n "${CHROMIUM_SHELL:-}" ]; then
    [ -x "$CHROMIUM_SHELL" ] || { echo "CHROMIUM_SHELL=$CHROMIUM_SHELL is no program" >&2; exit 1; }
    echo "$CHROMIUM_SHELL"; exit
  fi
  if command -v chromium-headless-shell; then exit; fi
  if debian chromium-headless-shell && command -v chromium-headless-shell; then exit; fi
fi

if [ -n "${CHROMIUM:-}" ]; then
  [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM is no program" >&2; exit 1; }
  echo "$CHROMIUM"; exit
fi
for name in chromium chromium-browser google-chrome; do
  if command -v "$name"; then exit; fi
done
if debian chromium; then
  command -v chromium; exit
fi
echo "installing Chromium (Playwright's build)" >&2
npx --no-install playwright-core install chromium-headless-shell >&2
node -e 'console.log(require("playwright-core").chromium.executablePath())'
