/** The sum of what is told; null where nothing is. */
export function sumTold(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((a, b) => a + b, 0);
}
