import { describe, expect, it } from 'vitest';
import { type Finding, findingId } from '#lib/model/finding.ts';
import type { Subject } from '#lib/model/transition.ts';
import { type Expected, isAsExpected, sameness, toldOf, verdictOf } from './findings-verdict.ts';

const NODE: Subject = { kind: 'brokerNodes', id: 'rabbit-1@host-1' };
const PROXY: Subject = { kind: 'proxies', id: 'haproxy-1' };
const NODE_DOWN = findingId('BrokerNodeDown', NODE);

function finding(code: string, subject: Subject, change: Partial<Finding> = {}): Finding {
  return {
    ...{ id: findingId(code, subject), code, severity: 'warning', posture: false, subject, host: null, text: '' },
    ...{ evidence: [], advice: { text: '', command: null }, since: 0, lastSeen: null, root: null, acknowledged: null },
    ...change,
  };
}

const EXPECTED: readonly Expected[] = [
  { code: 'BrokerNodeDown', subject: 'brokerNodes/rabbit-1@host-1', standing: 'root' },
  { code: 'ProxyOnBackup', subject: 'proxies/haproxy-1', standing: 'consequence' },
  { code: 'ProxyServerDown', subject: 'proxies/haproxy-2', standing: 'either', optional: true },
];
const AS_EXPECTED = [finding('BrokerNodeDown', NODE), finding('ProxyOnBackup', PROXY, { root: NODE_DOWN })];
const verdict = (findings: readonly Finding[]) => verdictOf(toldOf(findings), EXPECTED);

describe('a fault is told as expected', () => {
  it('when exactly the expected findings are there, each with its root', () => {
    expect(isAsExpected(verdict(AS_EXPECTED))).toBe(true);
  });

  it('whether or not what is optional shows', () => {
    const optional = finding('ProxyServerDown', { kind: 'proxies', id: 'haproxy-2' });
    expect(isAsExpected(verdict([...AS_EXPECTED, optional]))).toBe(true);
  });

  it('not when one is missing, or one is there that nobody expects', () => {
    expect(verdict(AS_EXPECTED.slice(0, 1)).missing).toEqual(['ProxyOnBackup proxies/haproxy-1']);
    expect(verdict([...AS_EXPECTED, finding('ProxyDown', PROXY)]).unexpected).toEqual(['ProxyDown proxies/haproxy-1']);
    const other = finding('BrokerNodeDown', { kind: 'brokerNodes', id: 'rabbit-2@host-2' });
    expect(verdict([...AS_EXPECTED, other]).unexpected).toEqual(['BrokerNodeDown brokerNodes/rabbit-2@host-2']);
  });

  it('not when a consequence explains itself, or a root is explained by another', () => {
    const [node, proxy] = AS_EXPECTED as [Finding, Finding];
    expect(verdict([node, { ...proxy, root: null }]).misrooted).toEqual(['ProxyOnBackup proxies/haproxy-1 ← nothing']);
    const turned = [
      { ...node, root: proxy.id },
      { ...proxy, root: null },
    ];
    expect(verdict(turned).misrooted).toHaveLength(2);
  });

  it('not when a consequence names a root that is not told', () => {
    const [node, proxy] = AS_EXPECTED as [Finding, Finding];
    const root = findingId('HostDown', { kind: 'hosts', id: 'host-1' });
    expect(verdict([node, { ...proxy, root }]).misrooted).toHaveLength(1);
  });
});

it('what is both promised and optional is promised', () => {
  const subject = 'proxies/haproxy-1';
  const promise: Expected = { code: 'ProxyDown', subject, standing: 'consequence' };
  const option: Expected = { code: 'ProxyDown', subject, standing: 'either', optional: true };
  const told = toldOf([finding('ProxyDown', PROXY)]);
  for (const expected of [
    [promise, option],
    [option, promise],
  ]) {
    expect(verdictOf(told, expected).misrooted).toHaveLength(1);
    expect(verdictOf([], expected).missing).toHaveLength(1);
  }
});

it('settings and hints are not told: only what broke', () => {
  expect(toldOf([finding('A', NODE, { posture: true }), finding('B', NODE, { severity: 'info' })])).toEqual([]);
});

it('the parts of one thing count once', () => {
  const parts = ['a', 'b'].map((part) => finding('ProxyServerDown', { ...PROXY, part }));
  expect(toldOf(parts)).toEqual([{ key: 'ProxyServerDown proxies/haproxy-1', root: null }]);
});

it('two looks are the same whatever their order, and differ by a root', () => {
  const [node, proxy] = AS_EXPECTED as [Finding, Finding];
  expect(sameness(toldOf([proxy, node]))).toBe(sameness(toldOf(AS_EXPECTED)));
  expect(sameness(toldOf([node, { ...proxy, root: null }]))).not.toBe(sameness(toldOf(AS_EXPECTED)));
});
