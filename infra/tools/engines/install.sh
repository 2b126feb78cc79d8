#!/usr/bin/env bash
# Installs Firefox, WebKit's driver and a display without a screen, Debian's packages, where one is missing.
set -euo pipefail
missing=()
command -v firefox-esr >/dev/null || [ -n "${FIREFOX:-}" ] || missing+=(firefox-esr)
command -v WebKitWebDriver >/dev/null || missing+=(webkit2gtk-driver)
command -v xvfb-run >/dev/null || missing+=(xvfb xauth)
[ ${#missing[@]} = 0 ] && exit
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]} (Debian's packages)"
{ apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 &&
   DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove "${missing[@]}"; } >/dev/null
