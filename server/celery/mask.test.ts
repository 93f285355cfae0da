/** No value under a masked name is left of what a task prints; the rest stays as it was. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMask, MASKED_NAMES } from './mask.ts';
import { reprOf, tupleOf } from './repr.ts';

const mask = createMask();

test.each([
  ["{'user': 'bob', 'password': 'hunter2', 'n': 3}", "{'user': 'bob', 'password': '***', 'n': 3}"],
  ['{"password": "hunter2"}', '{"password": \'***\'}'],
  ["('bob', {'db': {'DB_PASSWORD': \"it's hunter2\"}}, 7)", "('bob', {'db': {'DB_PASSWORD': '***'}}, 7)"],
  ["{'api_key': b'hunter2', 'apikey': 'hunter2'}", "{'api_key': '***', 'apikey': '***'}"],
  ["{'tokens': ['hunter2', ('hunter2', ']')], 'x': 1}", "{'tokens': '***', 'x': 1}"],
  ["{'credit_card': 4111111111111111, 'x': 1}", "{'credit_card': '***', 'x': 1}"],
  ["{'password': None, 'token': '', 'secret': False}", "{'password': None, 'token': '', 'secret': False}"],
  ["ValueError('password=hunter2, user=bob')", "ValueError('password='***', user=bob')"],
  [`KeyError("{'token': 'hunter2'} of bob")`, `KeyError("{'token': '***'} of bob")`],
  [`ValueError('{\\'token\\': \\'hunt\\\\\\'er2\\'} of bob')`, `ValueError('{\\'token\\': '***'} of bob')`],
  ['{"body": "{\\"secret\\": \\"hunter2\\", \\"a\\": 1}"}', '{"body": "{\\"secret\\": \'***\', \\"a\\": 1}"}'],
  ["{'Authorization': 'Bearer hunter2'}", "{'Authorization': '***'}"],
  ['Authorization: Bearer hunter2, Accept: */*', "Authorization: '***', Accept: */*"],
  ['GET /x?token=hunter2&page=3', "GET /x?token='***'&page=3"],
  ["[('password', 'hunter2'), ('page', '3')]", "[('password', '***'), ('page', '3')]"],
  ["{'kind': 'password', 'user': 'bob'}", "{'kind': 'password', 'user': 'bob'}"],
  ["Config(password=SecretStr('hunter2'), n=1)", "Config(password='***', n=1)"],
  ["{'password': 'hunter2…", "{'password': '***'"],
  ["{'secret': {'a': [1, 'hunter2", "{'secret': '***'"],
  ["('redis://:hunter2@h:6379/0', 'amqp://u:hunt@er2@h//')", "('redis://***@h:6379/0', 'amqp://***@h//')"],
  ["('redis://:hunter2…", "('redis://:***"],
  ["('redis://h:637...", "('redis://h:637..."],
  ["environ['SECRET'] = 'hunter2'", "environ['SECRET'] = '***'"],
  ['a lost token', 'a lost token'],
])('%s', (printed, masked) => {
  expect(mask.text(printed)).toBe(masked);
  expect(mask.text(printed)).not.toContain('unter2');
  expect(mask.text(masked)).toBe(masked);
});

describe('whatever is printed', () => {
  const name = fc.constantFrom('password', 'auth_token', 'Secret', 'x-api-key', 'CREDIT_CARD', 'passwd2');
  const text = fc.string({ unit: fc.constantFrom(...`ab '"\\,:=()[]{}<>&;\n`.split('')), maxLength: 12 });
  const secret = fc.tuple(text, text).map(([before, after]) => `${before}hunter2${after}`);
  const other = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
  const nest = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, other, fc.array(tie('value'), { maxLength: 3 }), tie('named')),
    named: fc
      .tuple(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 2 }),
        name,
        fc.oneof(secret, fc.array(secret)),
      )
      .map(([rest, key, value]) => ({ ...rest, [key]: value })),
  })).named;
  const runs = { seed: 7, numRuns: 2_000 };

  test('no value under a masked name is left in a repr, or in one printed inside of another', () => {
    fc.assert(
      fc.property(nest, (value) => {
        const once = reprOf(value, 4_096);
        for (const printed of [
          once,
          tupleOf([value], 4_096),
          `ValueError(${reprOf(once, 8_192)})`,
          JSON.stringify(value),
        ])
          expect(mask.text(printed)).not.toContain('hunter2');
      }),
      runs,
    );
  });

  test('nor where the text was cut', () => {
    fc.assert(
      fc.property(nest, fc.nat(400), (value, limit) => {
        expect(mask.text(reprOf(value, limit))).not.toContain('hunter2');
      }),
      runs,
    );
  });

  test('what has no masked name and no URL is the same text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (any) => {
        fc.pre(!/pass|secret|token|api[_-]?key|authorization|credit|:\/\//i.test(any));
        expect(mask.text(any)).toBe(any);
      }),
      runs,
    );
  });

  test('masking twice is masking once', () => {
    fc.assert(
      fc.property(nest, (value) => {
        const masked = mask.text(reprOf(value, 4_096));
        expect(mask.text(masked)).toBe(masked);
      }),
      runs,
    );
  });
});

test('long texts take time as they are long, whatever they hold', () => {
  for (const unit of ['password', "password='", 'password: [', "\\'", 'a://', "('token', ", 'secret=\\', '(']) {
    const text = unit.repeat(Math.ceil(200_000 / unit.length));
    const began = performance.now();
    mask.text(text);
    expect(performance.now() - began).toBeLessThan(1_000);
  }
});

test('a change keeps its identity unless something in it is masked', () => {
  const event = { type: 'sent', at: 1, by: null, pid: null, note: null, retries: null } as const;
  const clean = { id: 'a', event, fields: { name: 'send.token', args: "('bob',)" } };
  expect(mask.change(clean)).toBe(clean);
  const fields = { ...clean.fields, kwargs: "{'token': 'hunter2'}", exception: "E('secret=hunter2')" };
  const masked = mask.change({ ...clean, fields });
  expect(masked).toMatchObject({ id: 'a', event, fields: { name: 'send.token', args: "('bob',)" } });
  expect(JSON.stringify(masked)).not.toContain('hunter2');
});

test('other names may be masked instead', () => {
  const own = createMask(['^iban$', 'pin']);
  expect(own.text("{'pin_code': 1234, 'password': 'x'}")).toBe("{'pin_code': '***', 'password': 'x'}");
  expect(createMask([]).text("{'password': 'x'}")).toBe("{'password': 'x'}");
  expect(createMask(['']).text("{'a': 'x'}")).not.toContain('x');
  expect(() => createMask(['('])).toThrow(SyntaxError);
  expect(MASKED_NAMES).toContain('password');
});
