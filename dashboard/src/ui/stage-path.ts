/**
 * The outline of one of three stages in a 300 by 100 picture: flat, then narrowing to the next. Heights are true to
 * the shares.
 */
export function stagePath(index: number, from: number, to: number): string {
  const x = index * 100;
  const bend = x + 58;
  const end = x + 100;
  const a = Math.max(1.2, from * 100) / 2;
  const b = Math.max(1.2, to * 100) / 2;
  const half = (bend + end) / 2;
  const above = `M${x} ${50 - a}H${bend}C${half} ${50 - a} ${half} ${50 - b} ${end} ${50 - b}`;
  return `${above}V${50 + b}C${half} ${50 + b} ${half} ${50 + a} ${bend} ${50 + a}H${x}Z`;
}
