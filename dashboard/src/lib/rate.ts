import { percent } from './format';

/** Of a normal distribution, 95% lies within so many deviations. */
const Z = 1.959963984540054;

export interface Judged {
  rate: number;
  low: number;
  high: number;
  /** How much the rate can be trusted: its interval is narrow, wide, or says nothing. */
  sure: 'about' | 'roughly' | 'too few';
}

/** What the true rate is likely to be, 95 times in 100, when k of n did something (Wilson, 1927); null for none. */
export function judge(k: number, n: number): Judged | null {
  if (n <= 0) return null;
  const p = k / n;
  const middle = p + (Z * Z) / (2 * n);
  const reach = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  // At 0 and 1 the sum is off by the last bit.
  const low = k === 0 ? 0 : Math.max(0, (middle - reach) / scale);
  const high = k === n ? 1 : Math.min(1, (middle + reach) / scale);
  const few = k < 5 || high / low > 4;
  return { rate: p, low, high, sure: few ? 'too few' : high / low > 2.5 ? 'roughly' : 'about' };
}

/** "1 in 28", or "7 in 10" where it is a large part. */
export function oneIn(rate: number): string {
  if (rate >= 0.95) return 'nearly all';
  return rate >= 0.3 ? `${Math.round(rate * 10)} in 10` : `1 in ${Math.round(1 / rate)}`;
}

/** A rate in words: "about 1 in 28 (3% to 4.2%)", "too few to judge". */
export function inWords(judged: Judged | null): string {
  if (!judged) return '–';
  if (judged.sure === 'too few') return 'too few to judge';
  const all = oneIn(judged.rate);
  const part = all === 'nearly all' ? all : `${judged.sure} ${all}`;
  return `${part} (${percent(judged.low)} to ${percent(judged.high)})`;
}
