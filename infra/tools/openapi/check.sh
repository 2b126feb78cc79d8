#!/usr/bin/env bash
# Checks that the field's generators take docs/api.yaml as it is: a Go client by oapi-codegen and TypeScript
# types by openapi-typescript, compiled and thrown away.
set -euo pipefail
cd "$(dirname "$0")/../../.."
document=$PWD/docs/api.yaml here=$PWD/infra/tools/openapi tools=$PWD/.tools/openapi

if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json" || [ ! -d "$tools/node_modules" ]; then
  mkdir -p "$tools" && cp "$here"/package*.json "$tools"
  (cd "$tools" && npm ci --ignore-scripts --loglevel=error --no-progress >/dev/null)
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cp "$here/go.mod" "$here/go.sum" "$out"
(cd "$out" && go tool oapi-codegen -package api -generate types,client -o api.go "$document" && go vet .)
(cd "$tools" && node_modules/.bin/openapi-typescript "$document" -o "$out/api.d.ts" >/dev/null && node_modules/.bin/tsc --noEmit --strict "$out/api.d.ts")
echo "docs/api.yaml: a Go client of $(wc -l <"$out/api.go") lines and TypeScript types of $(wc -l <"$out/api.d.ts") compile"
