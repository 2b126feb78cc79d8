// Gives a test that runs modules without a bundler what the bundler would put in.
import { replacements } from './build.mjs';

/** `pages` is "own" or "site". */
export function asPages(pages) {
  for (const [name, value] of Object.entries(replacements(pages))) globalThis[name] = JSON.parse(value);
}
