/** Takes credentials out of what workers tell of themselves. Pure. */
import { redact } from '#server/observability/redact.ts';
import { objectOf } from './values.ts';

const SECRET_NAME = /passw|passphrase|secret|token|api_?key|private_?key|credential/i;
const HIDDEN = '***';
const DEPTH_LIMIT = 64;

/**
 * The value without the user info of any URL and without what stands under the name of a secret. Typed values of Celery's
 * JSON (`{"__type__": "datetime", "__value__": "…"}`) become what they hold. Never throws; what nests too deeply is cut.
 */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_LIMIT) return '…';
  if (Array.isArray(value)) return value.map((one) => scrub(one, depth + 1));
  const entries = objectOf(value) ?? {};
  if (typeof entries.__type__ === 'string' && '__value__' in entries) return scrub(entries.__value__, depth + 1);
  // Made from entries: an assignment would lose one named `__proto__`.
  return Object.fromEntries(
    Object.entries(entries).map(([name, one]) => [
      redact(name),
      SECRET_NAME.test(name) && isSecret(one) ? HIDDEN : scrub(one, depth + 1),
    ]),
  );
}

function isSecret(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
