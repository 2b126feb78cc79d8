// What no log may hold, whoever writes it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Shapes of what is personal or opens something. Addresses of our own and of nobody are listed. */
const SHAPES: [what: string, shape: RegExp][] = [
  ['email address', /[\w.+-]+@(?!mi-telecom\.co\.uk)[\w-]+(\.[\w-]+)+/g],
  ['phone number', /(?<![\w.])(\+44|0)7\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)|(?<![\w.])\+\d{10,14}(?!\d)/g],
  ['login token', /\bu_[0-9a-z]{16}\.[\w-]{43}\.[0-9a-z]+/g],
  ['link', /[\w~-]{16,}\.[\w-]{43}(?![\w-])/g],
];

// A trace's and a call's ids are random hexadecimal: one in twenty thousand looks like a mobile's number.
const RANDOM = /\b1-[0-9a-f]{8}-[0-9a-f]{24}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Lines of a run: what the console said, and every file of functions' logs. */
export async function lines(console: string, dataDir: string): Promise<string[]> {
  const folder = join(dataDir, 'logs');
  const files = await readdir(folder).catch(() => [] as string[]);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return [console, ...texts].flatMap((text) => text.split('\n')).filter(Boolean);
}

/** What is in the lines that must not be: by shape, and word for word. */
export function leaks(all: string[], known: Iterable<string> = []): string[] {
  const found: string[] = [];
  const words = [...known].filter((word) => word.length > 5);
  for (const line of all) {
    const told = line.replaceAll(RANDOM, '');
    for (const [what, shape] of SHAPES)
      for (const [hit] of told.matchAll(shape)) found.push(`${what} ${hit} in: ${line.slice(0, 300)}`);
    for (const word of words) if (line.includes(word)) found.push(`${word} in: ${line.slice(0, 300)}`);
  }
  return found;
}
