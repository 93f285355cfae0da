/** How forecasts put their sentences together. Pure. */

/** The sentences that there are, one after the other. */
export function sentences(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
