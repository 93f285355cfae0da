import { expect, test } from 'vitest';
import type { AuditEntry } from '#lib/contract/audit.ts';
import { auditHead, auditRows, auditTail, describeChain, pairWrites, tookMs } from './audit.ts';

function entryOf(seq: number, fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...{
      seq,
      at: seq * 1_000,
      request: `r${seq}`,
      phase: 'after',
      actor: 'local',
      role: 'admin',
      action: 'task.retry',
    },
    ...{ target: 't', reason: 'because', details: { n: 1 }, outcome: 'done', previous: 'p', hash: 'h', ...fields },
  };
}

test('both entries of a write are one row, where its newest entry stands; what is alone stays alone', () => {
  const entries = [
    entryOf(4, { request: 'a' }),
    entryOf(3, { request: 'b', outcome: 'refused' }),
    entryOf(2, { request: 'c', phase: 'before', outcome: null }),
    entryOf(1, { request: 'a', phase: 'before', outcome: null }),
  ];
  const writes = pairWrites(entries);
  expect(writes.map(({ request, before, after }) => [request, before?.seq ?? null, after?.seq ?? null])).toEqual([
    ['a', 1, 4],
    ['b', null, 3],
    ['c', 2, null],
  ]);
  expect(writes.map(tookMs)).toEqual([3_000, null, null]);
});

test('of several entries after one write the last counts', () => {
  const [write] = pairWrites([entryOf(3, { request: 'a', outcome: 'verified' }), entryOf(2, { request: 'a' })]);
  expect(write?.after?.seq).toBe(3);
});

test('a broken chain is told with its first place', () => {
  const state = { upTo: 9, hash: 'h', checkedAt: 0, problems: [] };
  expect(describeChain(state)).toBe('Verified up to entry 9.');
  const problem = { fault: 'changed' as const, seq: 4, text: 'entry 4 was changed' };
  expect(describeChain({ ...state, problems: [problem, problem] })).toBe(
    'The audit is not whole: entry 4 was changed, and 1 more.',
  );
});

test('a file of pages is one list, whatever the format, and formulas stay text', () => {
  const pages = [[entryOf(2)], [entryOf(1, { reason: '=1+1' })]];
  const textOf = (format: 'csv' | 'json') =>
    auditHead(format) + pages.map((page, i) => auditRows(format, page, i === 0)).join('') + auditTail(format);
  expect(JSON.parse(textOf('json'))).toEqual(pages.flat());
  const lines = textOf('csv').trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^seq,at,request,phase/);
  expect(lines[2]).toContain("'=1+1");
});
