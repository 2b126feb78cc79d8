#!/usr/bin/env bash
# Builds functions, pages and widget twice, in two folders of different names, and compares what would be uploaded.
# The npm packages are those of this folder in both.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/deploy" ./infra/deploy

for copy in one "another with a longer name"; do
  mkdir "$work/$copy"
  git ls-files -z | while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done | tar --null -T - -cf - | tar -xf - -C "$work/$copy"
  ln -s "$here/node_modules" "$work/$copy/node_modules"
  (
    cd "$work/$copy"
    node widget/build.mjs >/dev/null
    npx --no-install vite build dashboard --logLevel warn
    "$work/deploy" pack >"$work/functions of $copy"
    find dashboard/dist widget/dist -type f -not -path '*/.vite/*' -print0 | LC_ALL=C sort -z |
      xargs -0 node -e 'const {createHash} = require("node:crypto"), {readFileSync} = require("node:fs");
        for (const f of process.argv.slice(1)) console.log(createHash("sha256").update(readFileSync(f)).digest("base64") + "  " + f)' >"$work/pages of $copy"
  )
done

same=0
for what in functions pages; do
  diff "$work/$what of one" "$work/$what of another with a longer name" || same=1
done
cat "$work/functions of one"
if [ $same = 0 ]; then
  echo "two builds are equal: $(wc -l <"$work/functions of one" | tr -d ' ') functions (CodeSha256 above), $(wc -l <"$work/pages of one" | tr -d ' ') files of pages and widget"
else
  echo "two builds differ" >&2
fi
exit $same
