import { expect, test } from 'vitest';
import { scrubAnswer, scrubDetails, scrubText } from './scrub.ts';

const TOKEN = `trls_abcdefgh_${'x'.repeat(43)}`;

test('no credential survives, wherever it stands', () => {
  const details = {
    url: 'amqp://user:hunter2@host//',
    nested: [{ password: 'hunter2', apiKey: 'hunter2', deep: { client_secret: { a: 'hunter2' } } }],
    text: `curl -H "Authorization: Bearer ${TOKEN}"`,
    'key of redis://u:hunter2@h': 1,
  };
  const kept = JSON.stringify(scrubDetails(details));
  expect(kept).not.toContain('hunter2');
  expect(kept).not.toContain('x'.repeat(43));
  expect(scrubText(`revoked ${TOKEN} today`)).toBe('revoked trls_abcdefgh_*** today');
  expect(scrubText(`redis://:hunter2@h/0 ${TOKEN}`)).not.toMatch(/hunter2|x{43}/);
});

test('flags and ordinary words stay as they are', () => {
  const details = { hasToken: true, token: null, reason: 'the password was changed', n: 3, list: ['a'] };
  expect(scrubDetails(details)).toEqual(details);
});

test('what is large is cut, and what is still large is told by its size', () => {
  expect(JSON.stringify(scrubDetails({ text: 'x'.repeat(50_000) })).length).toBeLessThan(3_000);
  const ids = Array.from({ length: 10_000 }, (_, i) => `id-${i}`);
  expect((scrubDetails({ ids }) as { ids: string[] }).ids).toHaveLength(201);
  const rows = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`id-${i}`, 'x'.repeat(100)]));
  expect(scrubDetails(rows)).toEqual({ tooLarge: true, letters: expect.any(Number) });
  expect(scrubAnswer({ ids })).toEqual({ ids });
});

test('what JSON cannot carry does not stop a write', () => {
  expect(scrubDetails(undefined)).toBeNull();
  expect(scrubDetails({ big: 10n, nan: Number.NaN, run: () => 1 })).toEqual({ big: '10', nan: null });
});
