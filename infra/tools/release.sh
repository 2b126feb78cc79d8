#!/usr/bin/env bash
# Puts a release into .build/release: the functions as they are deployed, bills of materials, the changelog's words, digests.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:?which version? make release VERSION=0.1.0}
notes=$(awk -v v="$version" '$1 == "##" {on = index($2, v) == 1 || $2 == "[" v "]"; next} on' CHANGELOG.md)
[ -n "$notes" ] || { echo "CHANGELOG.md has no section $version: give \"Unreleased\" the version and the date" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || { echo "commit first: a release is built from what is committed" >&2; exit 1; }

out=.build/release
rm -rf "$out" && mkdir -p "$out"
printf '%s\n' "$notes" >"$out/notes.md"
go run ./infra/deploy pack -packed "$out" >"$out/CodeSha256.txt"
cp .build/sbom-go.json .build/sbom-npm.json "$out/"
(cd "$out" && node -e 'const {createHash} = require("node:crypto"), {readFileSync, readdirSync} = require("node:fs");
  for (const f of readdirSync(".").sort()) console.log(createHash("sha256").update(readFileSync(f)).digest("hex") + "  " + f)' >"$OLDPWD/.build/SHA256SUMS")
mv .build/SHA256SUMS "$out/"
echo "$out: $(ls "$out" | wc -l | tr -d ' ') files. Then: git tag -s v$version -m \"Mi Connect $version\" && git push origin v$version"
