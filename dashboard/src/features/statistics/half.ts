/** Half of a scale that holds `max`: a round number, so that the middle and the top can be read. */
export function half(max: number): number {
  const least = Math.max(1, max / 2);
  const ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((n) => n * ten).find((n) => n >= least && Number.isInteger(n))!;
}
