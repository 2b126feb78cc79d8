// docs/privacy.md, read as the register that it is.
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../docs/privacy.md', import.meta.url), 'utf8');

/** The attributes that have a reason, by table ("### Callbacks"). */
export function register(): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  let table = '';
  for (const line of text.split('\n')) {
    const heading = /^### (.+)$/.exec(line);
    if (heading) table = heading[1]!.trim();
    const first = /^\| (`[^|]*`) \|/.exec(line)?.[1];
    if (!table || !first) continue;
    const names = known.get(table) ?? new Set();
    known.set(table, names);
    for (const [, name] of first.matchAll(/`([^`]+)`/g)) names.add(name!);
  }
  return known;
}
