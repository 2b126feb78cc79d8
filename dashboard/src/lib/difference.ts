export interface Share {
  /** How many did something, of how many. */
  k: number;
  n: number;
}

export type Difference = 'higher' | 'lower' | 'no clear difference' | 'too few';

/** A difference is stated where chance alone would make one as large less often than this. */
const LEVEL = 0.01;
const FEWEST = 10;

/** Whether a rate differs from an earlier one by more than chance makes it. */
export function differs(now: Share, before: Share): Difference {
  if (now.n === 0 || before.n === 0 || now.k + before.k < FEWEST) return 'too few';
  if (conditional(now, before) >= LEVEL) return 'no clear difference';
  return now.k / now.n > before.k / before.n ? 'higher' : 'lower';
}

/**
 * The p-value, of both sides, of the conditional test: given all who did it, those of now are binomial with now's
 * part of the visits if nothing changed (Przyborowski and Wilenski, 1940). Twice the smaller tail, at most 1.
 */
export function conditional(now: Share, before: Share): number {
  const all = now.k + before.k;
  const p = now.n / (now.n + before.n);
  const upTo = now.k >= all ? 1 : beta(1 - p, all - now.k, now.k + 1);
  const from = now.k === 0 ? 1 : beta(p, now.k, all - now.k + 1);
  return Math.min(1, 2 * Math.min(upTo, from));
}

/** The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction. */
function beta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  // The fraction converges quickly only below the middle.
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return front * fraction;
}

/** The logarithm of the gamma function, by Stirling's series. */
function lnGamma(x: number): number {
  let [shift, y] = [0, x];
  for (; y < 12; y++) shift -= Math.log(y);
  const [z, y2] = [1 / y, 1 / (y * y)];
  const rest = z * (1 / 12 - y2 * (1 / 360 - y2 * (1 / 1260 - y2 / 1680)));
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + rest;
}
