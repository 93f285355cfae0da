import { expect, test } from 'vitest';
import { type Finding, findingId, type Severity } from '#lib/model/finding.ts';
import { emptyModel } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import { findingGroups, isOpen, isShown, observerName, openGroups } from './finding.ts';

const NOW = 1_000_000;

function finding(code: string, severity: Severity, change: Partial<Finding> = {}): Finding {
  const subject = { kind: 'brokerNodes', id: `rabbit-1@host-1` } as const;
  return {
    ...{ id: findingId(code, subject), code, severity, posture: false, subject, host: 'host-1', text: `${code}.` },
    ...{ evidence: [], advice: { text: '', command: null }, since: 1, lastSeen: null, root: null, acknowledged: null },
    ...change,
  };
}

const byId = (...findings: Finding[]) => Object.fromEntries(findings.map((one) => [one.id, one]));
const shape = (...findings: Finding[]) =>
  findingGroups(byId(...findings)).map(({ root, consequences }) => [root.code, consequences.map(({ code }) => code)]);

const down = finding('Down', 'warning');
const copies = finding('Copies', 'critical', { root: down.id });

test('what follows from a finding stands under it, the gravest root first', () => {
  expect(shape(copies, down, finding('Stopped', 'critical'))).toEqual([
    ['Stopped', []],
    ['Down', ['Copies']],
  ]);
});

test('what follows from what follows stands under the first cause', () => {
  expect(shape(down, copies, finding('Lost', 'info', { root: copies.id }))).toEqual([['Down', ['Copies', 'Lost']]]);
});

test('a finding whose root is gone is a root, and two that name each other are told once each', () => {
  expect(shape(copies)).toEqual([['Copies', []]]);
  expect(shape({ ...down, root: copies.id }, copies)).toEqual([['Copies', ['Down']]]);
});

test('open are warnings and worse that nobody is on', () => {
  const acknowledged = { by: 'Ada', reason: 'known', at: 1, until: NOW + 1 };
  expect(isOpen(down, NOW)).toBe(true);
  expect(isOpen({ ...down, acknowledged }, NOW)).toBe(false);
  expect(isOpen({ ...down, acknowledged }, NOW + 1)).toBe(true);
  expect(isOpen({ ...down, posture: true }, NOW)).toBe(false);
  expect(isOpen({ ...down, severity: 'info' }, NOW)).toBe(false);
  expect(openGroups(byId(copies, { ...down, acknowledged }), NOW)).toEqual([]);
});

test('a filter lets a group through when its root or a consequence passes severity and text at once', () => {
  const group = { root: down, consequences: [copies] };
  const shown = (severities: Severity[], text: string) => isShown(group, { severities, text });
  expect(shown([], '')).toBe(true);
  expect(shown(['critical'], '')).toBe(true);
  expect(shown(['info'], '')).toBe(false);
  expect(shown(['critical'], 'copies')).toBe(true);
  expect(shown(['warning'], 'copies')).toBe(false);
  expect(shown([], ' HOST-1 ')).toBe(true);
});

test('an observer is told by the name of what was asked', () => {
  const reading = (key: string, via: string | null): Reading => {
    const [source, endpoint, name] = key.split('/') as ['rabbitmq', string, string];
    return {
      ...{ key, source, endpoint, name, intervalMs: 1, at: 1, tookMs: 1, via, lacks: null, failure: null },
    };
  };
  const readings = {
    'rabbitmq/rabbit-1@host-1/nodes': reading('rabbitmq/rabbit-1@host-1/nodes', null),
    'rabbitmq/cluster/queues': reading('rabbitmq/cluster/queues', 'rabbit-2'),
  };
  const model = { ...emptyModel(), readings };
  const names = [...Object.keys(readings), 'nobody/knows/it', 'constructor'].map((key) => observerName(key, model));
  expect(names).toEqual(['rabbit-1@host-1', 'rabbitmq (rabbit-2)', 'nobody/knows/it', 'constructor']);
});
