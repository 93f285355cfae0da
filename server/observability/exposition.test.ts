import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exposition } from './exposition.ts';
import { readExposition } from './exposition-text.ts';

test('any label value can be read back as it was, on a line of its own', () => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'a', 'é', ' ', '{', '}', ',', '=') });
  fc.assert(
    fc.property(text, (value) => {
      const labels = { name: value, other: 'x' };
      const written = exposition([{ name: 'a_total', help: 'h', type: 'counter', samples: [{ labels, value: 1 }] }]);
      expect(readExposition(written).lines).toEqual([{ name: 'a_total', labels, value: 1 }]);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('a metric that nobody can tell now is named and has no value', () => {
  const written = exposition([{ name: 'a', help: 'two\nlines \\', type: 'gauge', samples: [] }]);
  expect(written).toBe('# HELP a two\\nlines \\\\\n# TYPE a gauge\n');
});

test('values without labels and without end are written as Prometheus reads them', () => {
  const samples = [{ labels: {}, value: Number.POSITIVE_INFINITY }];
  expect(exposition([{ name: 'a', help: '', type: 'gauge', samples }])).toContain('\na +Inf\n');
});
