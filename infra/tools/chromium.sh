#!/usr/bin/env bash
# Prints the path of a Chromium, installing one where there is none: Debian's package as root, else the
# build that Playwright downloads for this user.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -n "${CHROMIUM:-}" ]; then
  [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM is no program" >&2; exit 1; }
  echo "$CHROMIUM"; exit
fi
for name in chromium chromium-browser google-chrome; do
  if command -v "$name"; then exit; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Chromium (Debian's package)" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null
  command -v chromium; exit
fi
echo "installing Chromium (Playwright's build)" >&2
npx --no-install playwright-core install chromium-headless-shell >&2
node -e 'console.log(require("playwright-core").chromium.executablePath())'
