// Finds the number of a puzzle: the one for which the SHA-256 of salt and number is the hash. On the main thread, since
// a strict page allows no worker, in slices of 50 ms that let the page breathe; crypto.subtle is missing on plain http.

export interface Puzzle {
  token: string;
  salt: string;
  hash: string;
  max: number;
}

const slice = 50;

/** SHA-256's constants: the first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3). */
const K: number[] = [];
const H: number[] = [];
for (let n = 2; K.length < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (!prime) continue;
  if (H.length < 8) H.push((Math.sqrt(n) * 2 ** 32) | 0);
  K.push((Math.cbrt(n) * 2 ** 32) | 0);
}

const w = new Int32Array(64);
const turn = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** SHA-256 of a short text of ASCII, at most 55 characters, as 8 words. */
export function digest(text: string): number[] {
  w.fill(0, 0, 16);
  for (let i = 0; i <= text.length; i++) w[i >> 2]! |= (text.charCodeAt(i) || 0x80) << (24 - (i % 4) * 8);
  w[15] = text.length * 8;
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15]!;
    const b = w[i - 2]!;
    w[i] = w[i - 16]! + w[i - 7]! + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = H as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((v, i) => (v + H[i]!) | 0);
}

export async function solve({ token, salt, hash, max }: Puzzle): Promise<{ token: string; number: number }> {
  const want = hash.match(/.{8}/g)!.map((word) => Number.parseInt(word, 16) | 0);
  let until = performance.now() + slice;
  for (let number = 0; number <= max; number++) {
    const got = digest(salt + number);
    if (got.every((word, i) => word === want[i])) return { token, number };
    if (number % 64 === 0 && performance.now() > until) {
      await new Promise((rested) => setTimeout(rested));
      until = performance.now() + slice;
    }
  }
  throw new Error('no solution');
}
