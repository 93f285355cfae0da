/** The words of a search. Pure. */

/** Why a search is none; `position` = where in the text (UTF-16 units), null where the whole is meant. */
export class SearchError extends Error {
  readonly code = 'SEARCH_INVALID';
  readonly position: number | null;

  constructor(message: string, position: number | null = null) {
    super(position === null ? `${message}.` : `${message} at position ${position}.`);
    this.position = position;
  }
}

/** A token; `end` stands once behind the last. */
export type Token = { kind: 'term' | 'and' | 'or' | 'open' | 'close' | 'end'; text: string; position: number };

const TOKEN_LIMIT = 128;

/** The tokens of a search, `end` behind them. @throws SearchError */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at])) {
      at++;
      continue;
    }
    const { token, end } = tokenAt(text, at);
    tokens.push(token);
    if (tokens.length > TOKEN_LIMIT) throw new SearchError(`Query exceeds ${TOKEN_LIMIT} tokens`);
    at = end;
  }
  tokens.push({ kind: 'end', text: '', position: text.length });
  return tokens;
}

function tokenAt(text: string, position: number): { token: Token; end: number } {
  const first = text[position];
  if (first === '(') return { token: { kind: 'open', text: '(', position }, end: position + 1 };
  if (first === ')') return { token: { kind: 'close', text: ')', position }, end: position + 1 };
  const word = wordAt(text, position);
  if (word.text === '') throw new SearchError('Empty search term', position);
  if (!word.quoted && word.text === 'NOT') throw new SearchError('NOT is not supported', position);
  const kind = word.quoted ? 'term' : word.text === 'AND' ? 'and' : word.text === 'OR' ? 'or' : 'term';
  return { token: { kind, text: word.text, position }, end: word.end };
}

/** A word may be quoted in part: `kwargs:label="some value"`. A backslash takes a quote or itself as it is. */
function wordAt(text: string, position: number): { text: string; quoted: boolean; end: number } {
  let word = '';
  let quoted = false;
  let open = false;
  let at = position;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text[at + 1];
    if (char === '\\' && (next === '"' || next === '\\')) {
      word += next;
      at++;
    } else if (char === '"') {
      quoted = true;
      open = !open;
    } else if (!open && (isSpace(char) || char === '(' || char === ')')) {
      break;
    } else {
      word += char;
    }
  }
  if (open) throw new SearchError('Unterminated quoted phrase', position);
  return { text: word, quoted, end: at };
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}
