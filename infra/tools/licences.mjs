// Holds bills of materials to the licences that may be part of this: `node infra/tools/licences.mjs sbom.json ...`.
import { readFileSync } from 'node:fs';

// All of them let a company use, change and sell what it is in, and ask for no source of its own.
const free = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Zlib',
]);

// Others, each with the reason why it may be here.
const others = new Map([
  ['MPL-2.0', 'asks for the source of its own files where they are changed; none is, and it is part of tools only'],
]);

/** Of "MIT OR GPL-2.0" one is enough, of "MIT AND Zlib" each is needed. */
function allowed(expression) {
  const words = expression.replaceAll(/[()]/g, ' ').trim();
  if (words.includes(' AND ')) return words.split(' AND ').every(allowed);
  if (words.includes(' OR ')) return words.split(' OR ').some(allowed);
  return free.has(words) || others.has(words);
}

// What the detector cannot read, or reads wrongly (it takes Go's own for another BSD): read by a person.
const read = new Map(Object.entries(JSON.parse(readFileSync(new URL('licences.json', import.meta.url), 'utf8'))));

let wrong = 0;
let seen = 0;
for (const file of process.argv.slice(2)) {
  for (const part of JSON.parse(readFileSync(file, 'utf8')).components ?? []) {
    const evidence = part.evidence?.licenses ?? [];
    const found = [...(part.licenses ?? []), ...evidence]
      .map((l) => l.expression ?? l.license?.id ?? l.license?.name)
      .filter(Boolean);
    const name = part.group ? `${part.group}/${part.name}` : part.name;
    const says = read.has(name) ? [read.get(name)] : found;
    seen++;
    if (says.length > 0 && says.some(allowed)) continue;
    wrong++;
    console.error(`${file}: ${name} ${part.version}: ${says.join(', ') || 'no licence was found'}`);
  }
}
console.log(`licences: ${seen} parts, ${wrong} with a licence that is not allowed or not known`);
process.exitCode = wrong > 0 || seen === 0 ? 1 : 0;
