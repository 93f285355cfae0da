/** Words that the findings about RabbitMQ share. */

const NAMED = 3;

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Three names at most: `a, b, c and 9 more`. */
export function someOf(names: readonly string[], count = names.length): string {
  if (count <= NAMED) return listed(names);
  return listed([names.slice(0, NAMED).join(', '), `${count - NAMED} more`]);
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
