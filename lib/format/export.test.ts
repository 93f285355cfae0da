import { expect, test } from 'vitest';
import { csvOf } from './export.ts';

test('commas, quotes and line breaks stay inside their field, nothing is an empty one', () => {
  expect(
    csvOf({
      columns: ['a', 'b'],
      rows: [
        ['x,"y"\n', null],
        ['z', 1.5],
      ],
    }),
  ).toBe('a,b\r\n"x,""y""\n",\r\nz,1.5\r\n');
});

test('a name that a spreadsheet would run is no formula', () => {
  expect(csvOf({ columns: ['q'], rows: [['=cmd()'], ['-1'], ['@x']] })).toBe("q\r\n'=cmd()\r\n'-1\r\n'@x\r\n");
});
