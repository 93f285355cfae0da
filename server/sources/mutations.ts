/** For tests: ways to spoil a recorded answer. Pure: what is spoiled, and how, is decided by the caller. */

/** One change: which of all the values in it (counted depth first, modulo their number), and what becomes of it. */
export type Edit = { at: number; how: 'replace' | 'drop' | 'repeat'; with: unknown };

/** Values that break careless code. */
export const HOSTILE_VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    -1e308,
    2 ** 53,
    '',
    ' ',
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '\u0000',
    '"',
    ',',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'x'.repeat(10_000), '💥', '\ud800'],
  ...[
    [],
    {},
    [[]],
    [null],
    nested(200),
    JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  ],
];

/** Names that an object already has. */
export const HOSTILE_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'] as const;

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** The value with the edits made, one after the other. Texts are edited by their cells. */
export function spoil(recorded: unknown, edits: readonly Edit[]): unknown {
  if (typeof recorded === 'string') return spoilText(recorded, edits);
  return edits.reduce((value, edit) => spoilOnce(value, structuredClone(edit)), structuredClone(recorded));
}

type Slot = { holder: Record<string, unknown> | unknown[]; key: string };

function spoilOnce(value: unknown, edit: Edit): unknown {
  const slots = slotsOf(value);
  const slot = slots[edit.at % (slots.length + 1)];
  if (slot === undefined) return edit.how === 'repeat' ? [value, structuredClone(value)] : edit.with;
  const { holder, key } = slot;
  if (Array.isArray(holder)) {
    const i = Number(key);
    if (edit.how === 'replace') holder[i] = edit.with;
    else if (edit.how === 'drop') holder.splice(i, 1);
    else holder.splice(i, 0, structuredClone(holder[i]));
  } else if (edit.how === 'replace') holder[key] = edit.with;
  else if (edit.how === 'drop') delete holder[key];
  else holder[`${key}-again`] = structuredClone(holder[key]);
  return value;
}

/** Every place in the value, without going into what an earlier edit nested deeply. */
function slotsOf(root: unknown): Slot[] {
  const slots: Slot[] = [];
  const walk = (value: unknown, depth: number) => {
    if (typeof value !== 'object' || value === null || depth > 20) return;
    for (const key of Object.keys(value)) {
      const holder = value as Record<string, unknown>;
      slots.push({ holder, key });
      walk(holder[key], depth + 1);
    }
  };
  walk(root, 0);
  return slots;
}

function spoilText(text: string, edits: readonly Edit[]): string {
  const cells = text.split(/([,:\n])/);
  for (const edit of edits) {
    const i = edit.at % cells.length;
    if (edit.how === 'replace') cells[i] = String(typeof edit.with === 'object' ? '{}' : edit.with);
    else if (edit.how === 'drop') cells.splice(i, 1);
    else cells.splice(i, 0, cells[i] ?? '');
  }
  return cells.join('');
}

/** The value with one text put in the place of another wherever it stands, alone or inside a longer text. */
export function rename(recorded: unknown, from: string, to: string): unknown {
  if (typeof recorded === 'string') return recorded.replaceAll(from, () => to);
  if (Array.isArray(recorded)) return recorded.map((one) => rename(one, from, to));
  if (typeof recorded !== 'object' || recorded === null) return recorded;
  return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, rename(value, from, to)]));
}

/** A list of `count` bare copies of its first entry, each under names of its own (a tenth of them for Sentinel's lists). */
export function crowd(recorded: unknown, count: number): unknown {
  if (!Array.isArray(recorded) || typeof recorded[0] !== 'object' || recorded[0] === null) return recorded;
  if (Array.isArray(recorded[0])) return Array.from({ length: count / 10 }, (_, i) => instance(i));
  const bare = Object.entries(recorded[0]).filter(
    ([, value]) => typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string',
  );
  const named = (key: string, value: unknown, i: number) =>
    /^(id|name|node|addr|checkid)$/i.test(key) ? `${value}-${i}` : value;
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(bare.map(([key, value]) => [key, named(key, value, i)])),
  );
}

function instance(i: number): string[] {
  return ['name', `n${i}`, 'ip', `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'port', '6379', 'flags', 'slave'];
}
