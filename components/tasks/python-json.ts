/** Arguments as Python writes them, as JSON: to begin an edited copy with. What might come out otherwise is refused. Pure. */
import { MASK } from '#lib/format/task.ts';

const TOKEN =
  /\s*(?:(?<mark>[[\](){},:])|(?<word>True|False|None)\b|(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])|(?<quote>['"])(?<inner>(?:\\.|(?!\k<quote>)[^\\\n])*)\k<quote>)\s*/y;
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };
const MARKS: Readonly<Record<string, string>> = { '(': '[', ')': ']' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };
/** More digits than these a number of JavaScript does not keep. */
const DIGITS_MAX = 15;

/** JSON that says the same as a printed Python value; null = it is no plain value, was cut, or JSON cannot say it. */
export function jsonOfPython(text: string): string | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const { groups } = TOKEN.exec(text) ?? {};
    const token = groups === undefined ? null : jsonToken(groups);
    if (token === null) return null;
    // Python ends a tuple of one with a comma.
    if (token === ']' && tokens.at(-1) === ',' && !isOpening(tokens.at(-2))) tokens.pop();
    tokens.push(token);
  }
  const json = tokens.join('');
  try {
    JSON.parse(json);
    return isSameShape(text) ? json : null;
  } catch {
    return null;
  }
}

/** Something stands in place of a secret, put there by Trellis or by who printed it. */
export function isMasked(text: string): boolean {
  return text.includes(MASK) || text.includes('***');
}

/** The same of what an event printed, in which Celery leaves out what is long; null also where something was masked. */
export function jsonOfPrinted(text: string | null): string | null {
  return text === null || /\.\.\.|…/.test(text) || isMasked(text) ? null : jsonOfPython(text);
}

function isOpening(token: string | undefined): boolean {
  return token === undefined || token === '[' || token === '{';
}

function jsonToken({ mark, word, number, inner }: Readonly<Record<string, string | undefined>>): string | null {
  if (mark !== undefined) return MARKS[mark] ?? mark;
  if (word !== undefined) return WORDS[word] ?? null;
  if (number !== undefined)
    return number.replace(/\D/g, '').length > DIGITS_MAX || !Number.isFinite(Number(number)) ? null : number;
  if (inner === undefined) return null;
  const plain = unescaped(inner);
  return plain === null ? null : JSON.stringify(plain);
}

function unescaped(inner: string): string | null {
  let isPlain = true;
  const text = inner.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi, (_, hex, unicode, letter) => {
    const code = hex ?? unicode;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const plain = ESCAPES[letter as string];
    if (plain === undefined) isPlain = false;
    return plain ?? '';
  });
  return isPlain ? text : null;
}

/** `(1)` is a number in brackets and no tuple. */
function isSameShape(text: string): boolean {
  return !/\(\s*[^(),[\]{}]+\s*\)/.test(text.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, '0'));
}
