import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactNumber, parseExact, printExact, printExactTuple } from './exact-json.ts';
import { readLiteral } from './literal.ts';
import { reprOf } from './repr.ts';

const RUNS = { seed: 20_261_122, numRuns: 2_000 };
const jsonOf = (value: unknown) => JSON.stringify(value);
const read = (text: string) => {
  const found = readLiteral(text);
  return 'value' in found ? jsonOf(found.value) : null;
};

/** As Celery's `saferepr` prints a value: texts unescaped but for their single quotes. */
function asCelery(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(asCelery).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return reprOf(value, 1_000);
  return `{${Object.entries(value)
    .map(([key, one]) => `${asCelery(key)}: ${asCelery(one)}`)
    .join(', ')}}`;
}

const values = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/\\u0000/.test(jsonOf(value)));

describe('what Celery printed is read back', () => {
  test.each([
    ['()', '[]'],
    ['(1,)', '[1]'],
    ["(1, 'a', None)", '[1,"a",null]'],
    ['[True, False]', '[true,false]'],
    ["{'index': 0, 'deep': {'x': [1, (2, 3)]}}", '{"index":0,"deep":{"x":[1,[2,3]]}}'],
    ["('it\\'s',)", '["it\'s"]'],
    ['("it\'s",)', '["it\'s"]'],
    ["('two\nlines',)", '["two\\nlines"]'],
    ["{'__proto__': 1}", '{"__proto__":1}'],
  ])('%s', (printed, expected) => expect(read(printed)).toBe(expected));

  test('numbers exactly: a float stays one, and no digit is lost', () => {
    const printed = '(1.0, 1e-05, 12345678901234567890, -0.0, 0.1, 1e+16)';
    expect(read(printed)).toBe('[1.0,1e-05,12345678901234567890,-0.0,0.1,1e+16]');
  });
});

describe('what can be read in two ways, or is no plain value, is refused', () => {
  test.each([
    ["('aaa...',)"],
    ["('aaa…"],
    ['([[...]],)'],
    ["('C:\\new',)"],
    ["('a\\\\',)"],
    ['(datetime.datetime(2026, 1, 1),)'],
    ["(Decimal('1'),)"],
    ["(b'x',)"],
    ['({1, 2},)'],
    ['({1: 2},)'],
    ['(nan,)'],
    ['(inf,)'],
    ['<object at 0x7f>'],
    ['(1)'],
    ["('a', 'b',)"],
    ['(1, 2'],
    ['1 2'],
    ['[1,]'],
    ['[,]'],
    ['(,)'],
    ["{'a': 1, 'a': 2}"],
    ["{'a': 1,}"],
    ['007'],
    ['1_000'],
    ['--1'],
    [''],
    ['('.repeat(100_000)],
  ])('%j', (printed) => expect(read(printed.slice(0, 200_000))).toBeNull());
});

test('any value as Celery prints it is read back as itself, or refused: never as another', () => {
  let same = 0;
  fc.assert(
    fc.property(values, (value) => {
      const found = read(asCelery(value));
      if (found !== null) {
        expect(JSON.parse(found)).toEqual(JSON.parse(jsonOf(value)));
        same += 1;
      }
    }),
    RUNS,
  );
  // Most of them: a reader that refuses everything would pass above.
  expect(same).toBeGreaterThan(RUNS.numRuns / 2);
});

test('any value as Trellis prints it is read back as itself, or refused', () => {
  fc.assert(
    fc.property(values, (value) => {
      const found = read(printExact(value));
      if (found !== null) expect(JSON.parse(found)).toEqual(JSON.parse(jsonOf(value)));
    }),
    RUNS,
  );
});

test('garbage is refused or read, and never thrown', () => {
  const garbage = fc.string({ unit: fc.constantFrom(...'()[]{}\',:"\\ 019.e-NoneTruab…') });
  fc.assert(
    fc.property(garbage, (text) => {
      readLiteral(text);
    }),
    RUNS,
  );
});

test('JSON comes through parsing and writing with every number as it was written', () => {
  const text = '{"args":[1.0,12345678901234567890,-0,1e5,0.10,7],"s":"1.0"}';
  expect(jsonOf(parseExact(text))).toBe(text);
  expect(exactNumber('7')).toBe(7);
  expect(() => parseExact('[NaN]')).toThrow(SyntaxError);
});

test('exact values are printed as Python prints them', () => {
  expect(printExactTuple(parseExact('[1.0]') as unknown[])).toBe('(1.0,)');
  expect(printExactTuple(parseExact('[1,{"a":[true,null,"it\'s"]}]') as unknown[])).toBe(
    "(1, {'a': [True, None, \"it's\"]})",
  );
  expect(printExactTuple([])).toBe('()');
});
