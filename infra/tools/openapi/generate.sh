#!/usr/bin/env bash
# Writes what follows from docs/api.yaml: Go types (oapi-codegen), TypeScript types (openapi-typescript), template.yaml's
# events and each function's routes (infra/generate). With --check it writes nothing and fails when something differs.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=infra/tools/openapi tools=.tools/openapi
go_types=shared/api/types.gen.go ts_types=dashboard/src/lib/api.gen.ts

if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json" || [ ! -d "$tools/node_modules" ]; then
  mkdir -p "$tools" && cp "$here"/package*.json "$tools"
  (cd "$tools" && npm ci --ignore-scripts --loglevel=error --no-progress >/dev/null)
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go tool -modfile="$here/go.mod" oapi-codegen -config shared/api/oapi-codegen.yaml -o "$out/api.go" docs/api.yaml
"$tools/node_modules/.bin/openapi-typescript" docs/api.yaml --root-types --root-types-no-schema-prefix --alphabetize \
  -o "$out/api.ts" >/dev/null

if [ "${1:-}" = --check ]; then
  cmp "$out/api.go" "$go_types" && cmp "$out/api.ts" "$ts_types" || { echo "docs/api.yaml has changed: make generate" >&2; exit 1; }
  go test -count=1 ./infra/generate
else
  cp "$out/api.go" "$go_types" && cp "$out/api.ts" "$ts_types"
  go run ./infra/generate
fi
