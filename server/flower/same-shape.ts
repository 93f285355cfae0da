/** For tests: whether two answers have the same keys and types, with differences that are known and explained. */

/** How two values differ: by path (`tasks.*.clock`), in a few words. Members of a map and of a list count as one, `*`. */
export function shapeDifferences(theirs: unknown, ours: unknown, path = ''): string[] {
  if (theirs === null || ours === null) return [];
  const [a, b] = [typeOf(theirs), typeOf(ours)];
  if (a !== b) return [`${path}: ${a} there, ${b} here`];
  if (Array.isArray(theirs) && Array.isArray(ours)) return listDifferences(theirs, ours, `${path}.*`);
  if (a !== 'object') return [];
  const [there, here] = [theirs as Record<string, unknown>, ours as Record<string, unknown>];
  return [
    ...Object.keys(there)
      .filter((key) => !Object.hasOwn(here, key))
      .map((key) => `${path}.${key}: only there`),
    ...Object.keys(here)
      .filter((key) => !Object.hasOwn(there, key))
      .map((key) => `${path}.${key}: only here`),
    ...Object.keys(there)
      .filter((key) => Object.hasOwn(here, key))
      .flatMap((key) => shapeDifferences(there[key], here[key], `${path}.${key}`)),
  ];
}

/** As `shapeDifferences`, of a map whose keys are ids. */
export function mapDifferences(theirs: object, ours: object): string[] {
  return listDifferences(Object.values(theirs), Object.values(ours), '*');
}

function listDifferences(theirs: readonly unknown[], ours: readonly unknown[], path: string): string[] {
  const [first] = theirs;
  if (first === undefined) return [];
  return [...new Set(ours.flatMap((one) => shapeDifferences(first, one, path)))];
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
