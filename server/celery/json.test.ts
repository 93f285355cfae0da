import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePython } from './json.ts';
import { malformedBodies } from './malformed.ts';

describe('JSON as Python writes it', () => {
  test.each<[string, unknown]>([
    ['{"a": NaN, "b": [Infinity, -Infinity]}', { a: 'NaN', b: ['Infinity', '-Infinity'] }],
    ['{"a \\"NaN": "Infinity", "b": NaN}', { 'a "NaN': 'Infinity', b: 'NaN' }],
    ['{"a\\\\": NaN}', { 'a\\': 'NaN' }],
    ['5', 5],
  ])('%s', (text, value) => {
    expect(parsePython(text)).toEqual(value);
    expect(parsePython(new TextEncoder().encode(text))).toEqual(value);
  });

  test('a text without an end costs one pass, whatever it holds', () => {
    for (const part of ['"\\', '\\a', '"\\a', '\\'])
      expect(() => parsePython(`[NaN,"${part.repeat(1_000_000)}`)).toThrow(SyntaxError);
  });

  test('what JSON can say comes through unchanged, and nothing but a SyntaxError is thrown', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsePython(text)).toEqual(JSON.parse(text));
        expect(parsePython(`[NaN,${text}]`)).toEqual(['NaN', JSON.parse(text)]);
      }),
      { seed: 5, numRuns: 500 },
    );
    for (const body of malformedBodies(500, 11)) {
      try {
        parsePython(body);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }
  });
});
