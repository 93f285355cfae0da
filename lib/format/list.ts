/** Names in a row, as a sentence wants them. Pure. */

const NAMED = 3;

/** `a`, `a and b`, `a, b and c`. */
export function andList(names: readonly string[]): string {
  return joined(names, 'and');
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(names: readonly string[]): string {
  return joined(names, 'or');
}

/** Three names at most: `a, b, c and 9 more`; `total` counts those that are not given, too. */
export function someOf(names: readonly string[], total = names.length): string {
  const shown = names.slice(0, NAMED);
  const more = total - shown.length;
  return andList(more > 0 ? [...shown, `${more} more`] : shown);
}

function joined(names: readonly string[], last: string): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}
