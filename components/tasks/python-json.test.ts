import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MASK } from '#lib/format/task.ts';
import { jsonOfPrinted, jsonOfPython } from './python-json.ts';

test.each([
  ['()', '[]'],
  ['(1.0, 0)', '[1.0,0]'],
  ['(1,)', '[1]'],
  ["(1, -2.5, 'it\\'s', \"q\", None, True, False)", '[1,-2.5,"it\'s","q",null,true,false]'],
  ["{'a': [1, (2, 3)], 'b': {}}", '{"a":[1,[2,3]],"b":{}}'],
  ["['tab\\t', '\\x41\\u00e9', '\\\\n']", '["tab\\t","Aé","\\\\n"]'],
  ["('(1)',)", '["(1)"]'],
])('%s is %s', (python, json) => {
  expect(jsonOfPython(python)).toBe(json);
});

test.each([
  ['(1, 2, ...)'],
  ["('cut…"],
  ["('abc...', "],
  ['(1)'],
  ['{1: 2}'],
  ['{1, 2}'],
  ["(Decimal('1.5'),)"],
  ["(b'bytes',)"],
  ["('a' 'b',)"],
  ['(12345678901234567890,)'],
  ['(nan,)'],
  ['(1_000,)'],
  ["('\\N{DASH}',)"],
  ['(01,)'],
  ['[,]'],
  ['(1e400,)'],
  [''],
])('%s is refused', (python) => {
  expect(jsonOfPython(python)).toBeNull();
});

test('what comes out always is JSON that says what went in', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.string(),
      tie('list'),
      tie('dict'),
    ),
    list: fc.array(tie('any'), { maxLength: 4 }),
    dict: fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
  }));
  fc.assert(
    fc.property(value.list, (list) => {
      const json = jsonOfPython(printPython(list));
      // Control characters and the like print in ways that are refused; nothing is ever misread.
      if (json !== null) expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(list)));
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('what an event printed is not read back where it was cut or masked', () => {
  expect(jsonOfPrinted("('a', 1)")).toBe('["a",1]');
  for (const text of ["('aaa...',)", "('aaa…',)", `('${MASK}',)`, "{'k': '***'}", null])
    expect(jsonOfPrinted(text)).toBeNull();
});

test('any text is answered', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = jsonOfPython(text);
      if (json !== null) JSON.parse(json);
    }),
    { seed: 4, numRuns: 500 },
  );
});

function printPython(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
  if (Array.isArray(value)) return `[${value.map(printPython).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${printPython(key)}: ${printPython(one)}`)
      .join(', ')}}`;
  return String(value);
}
