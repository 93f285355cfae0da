/** Lists in sentences. Pure. */

const NAMED = 3;

/** `a`, `a and b`, `a, b and c`; `a, b, c and 4 more` where there are more names than those given. */
export function andList(names: readonly string[], total = names.length): string {
  const shown = names.slice(0, NAMED);
  const more = total - shown.length;
  return joined(more > 0 ? [...shown, `${more} more`] : shown, 'and');
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(names: readonly string[]): string {
  return joined(names, 'or');
}

function joined(words: readonly string[], last: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** The sentences that there are, one after the other. */
export function sentences(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
