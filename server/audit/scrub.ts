/** What goes into the audit: no secrets, and of bounded size. */
import { createMask, MASK } from '#server/celery/mask.ts';
import { redact } from '#server/observability/redact.ts';

const SECRET_NAME = /pass(?:word|wd|phrase)?$|secret|token|api_?key|private_?key|authorization|credential|cookie/i;
const API_TOKEN = /\b(trls_[a-z0-9]{8})_[A-Za-z0-9_-]{43}/g;
const MASKED = createMask();
const TEXT_LETTERS = 2_000;
const ITEMS = 200;
const DEPTH = 8;
const DETAILS_LETTERS = 16_384;

/** A name (`token:ci`) without credentials in URLs and without Trellis's own tokens. */
export function scrubName(name: string): string {
  return redact(name).replace(API_TOKEN, `$1_${MASK}`);
}

/** A text without credentials in URLs, without what stands beside a secret's name, and without Trellis's own tokens. */
export function scrubText(text: string): string {
  return MASKED.text(scrubName(text));
}

/**
 * A value as plain JSON, without secrets: credentials are cut out of texts, and whatever stands under a name such as
 * `password` is masked. Long texts and lists are cut, and what is still too large is told by its size only.
 */
export function scrubDetails(value: unknown): unknown {
  const scrubbed = scrub(toJson(value), DEPTH, { letters: TEXT_LETTERS, items: ITEMS });
  const { length } = JSON.stringify(scrubbed);
  return length <= DETAILS_LETTERS ? scrubbed : { tooLarge: true, letters: length };
}

/** An answer without secrets, whole. */
export function scrubAnswer(value: unknown): unknown {
  return scrub(toJson(value), Number.POSITIVE_INFINITY, {
    letters: Number.POSITIVE_INFINITY,
    items: Number.POSITIVE_INFINITY,
  });
}

type Limits = { letters: number; items: number };

function toJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  return text === undefined ? null : JSON.parse(text);
}

function scrub(value: unknown, depth: number, limits: Limits): unknown {
  // What is far behind the cut need not be searched; a little more than is kept, or half a credential would stay.
  if (typeof value === 'string') return cut(scrubText(value.slice(0, 2 * limits.letters)), limits.letters);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, limits.items).map((item) => scrub(item, depth - 1, limits));
    return value.length > limits.items ? [...kept, `… ${value.length - limits.items} more`] : kept;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      scrubName(name),
      SECRET_NAME.test(name) && isSecret(item) ? MASK : scrub(item, depth - 1, limits),
    ]),
  );
}

/** A flag or nothing at all under such a name (`hasToken: true`) tells no secret. */
function isSecret(value: unknown): boolean {
  return value !== null && typeof value !== 'boolean' && value !== '';
}

function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, letters)}…`;
}
