// What a bundle takes from the manifest, as replacements for names in the code: the storage it may use and
// the revision in force. Its own pages also take the notice, so that the whole table stays out of them.
import { readFileSync } from 'node:fs';

export const manifest = JSON.parse(readFileSync(new URL('manifest.json', import.meta.url), 'utf8'));

/** `pages` is "own" or "site". */
export function replacements(pages) {
  const areas = Object.fromEntries(
    manifest.storage
      .filter((entry) => entry.pages.includes(pages) && /^(local|session)Storage$/.test(entry.kind))
      .map(({ name, kind }) => [name, kind]),
  );
  const names = { POLICY_AREAS: areas, POLICY_REVISION: manifest.history.at(-1).revision };
  if (pages === 'own') {
    names.POLICY_NOTICE = {
      text: manifest.notice,
      history: manifest.history.map(({ revision, changes }) => [revision, changes.join(' ')]),
    };
  }
  return Object.fromEntries(Object.entries(names).map(([name, value]) => [name, JSON.stringify(value)]));
}
