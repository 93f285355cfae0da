/** The header's sentence, on the recorded lab. */
import { describe, expect, test } from 'vitest';
import { type Verdict, verdictOf } from '#lib/format/verdict.ts';
import { type Finding, findingId, type Severity } from '#lib/model/finding.ts';
import type { Forecast, Outcome } from '#lib/model/forecast.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { wholeEstate } from '#server/sources/whole-estate.ts';

const NOW = FIXTURE_AT + 1_001;
const HOSTS = ['host-1', 'host-2', 'host-3'];
const QUEUES = 'rabbitmq/cluster/queues';
const SENTINEL = '127.0.1.2:26379';

const RABBIT: Subject = { kind: 'brokerNodes', id: 'rabbit-3@host-3' };

function finding(code: string, severity: Severity, change: Partial<Finding> = {}): Finding {
  const subject = change.subject ?? RABBIT;
  return {
    ...{ id: findingId(code, subject), code, severity, posture: false, subject, host: null },
    ...{ text: `${code} is so.`, evidence: [{ by: QUEUES, says: 'so' }], advice: { text: 'Mend it.', command: null } },
    ...{ since: FIXTURE_AT, lastSeen: null, root: null, acknowledged: null },
    ...change,
  };
}

function hostForecast(host: string, outcome: Outcome): Forecast {
  const failing: Subject[] = [{ kind: 'hosts', id: host }];
  const reason = `${host} ${outcome}.`;
  const effect = { layer: 'queues' as const, subject: RABBIT, outcome, text: reason, by: [QUEUES] };
  return {
    ...{ id: `hosts/${host}`, failing, outcome, reason },
    effects: [{ ...effect, successors: [], outageMs: null, lostMessages: null }],
  };
}

type Told = { findings?: readonly Finding[]; forecasts?: Readonly<Record<string, Outcome>> };

const SAFE = { 'host-1': 'takes-over', 'host-2': 'unaffected', 'host-3': 'takes-over' } as const;

/** The whole lab with these findings and forecasts. */
function judged({ findings = [], forecasts = SAFE }: Told = {}): Model {
  const told = Object.entries(forecasts).map(([host, outcome]) => hostForecast(host, outcome));
  return {
    ...wholeEstate().model,
    findings: Object.fromEntries(findings.map((one) => [one.id, one])),
    forecasts: Object.fromEntries(told.map((one) => [one.id, one])),
  };
}

/** The model in which readings whose key contains `part` fail since long. */
function silent(model: Model, part: string): Model {
  const code = 'timeout' as const;
  const readings = Object.entries(model.readings).map(([key, reading]) => {
    const failure = { code, message: '', since: FIXTURE_AT - 60_000, at: FIXTURE_AT };
    return [key, key.includes(part) ? { ...reading, at: FIXTURE_AT - 60_000, failure } : reading];
  });
  return { ...model, readings: Object.fromEntries(readings) };
}

const sentence = ({ tone, lead, rest }: Verdict) => `${tone}: ${lead} ${rest}`;
const says = (model: Model, now = NOW) => sentence(verdictOf(model, now));
const CAN_LOSE = /can lose/;
const ACKNOWLEDGED = { by: 'Ada', reason: 'a new disk', at: FIXTURE_AT, until: NOW + 3_600_000 };

test('a whole estate whose every host is safe to lose says so, with its size', () => {
  expect(says(judged())).toBe(
    'ok: You can lose any one host. 3 broker nodes, 3 Redis nodes, 3 proxies, 3 Consul servers, 3 workers',
  );
});

test('an estate that watches nothing asks for servers', () => {
  expect(says(emptyModel())).toMatch(/^stale: Nothing is watched\./);
});

describe('what may be lost', () => {
  test('without forecasts nothing is promised', () => {
    expect(says(judged({ forecasts: {} }))).toMatch(/^ok: All runs\. 3 broker nodes/);
  });
  test('one host that stops the estate is named with the reason, and is not green', () => {
    const forecasts = { ...SAFE, 'host-2': 'stops' } as const;
    expect(says(judged({ forecasts }))).toBe('degraded: All runs. You cannot lose host-2: host-2 stops.');
  });
  test('of several, the reason is that of the gravest', () => {
    const forecasts = { 'host-1': 'stops', 'host-2': 'unknown', 'host-3': 'loses' } as const;
    expect(says(judged({ forecasts }))).toBe('degraded: All runs. You cannot lose host-1 or host-3: host-3 loses.');
  });
  test('what cannot be told is not green', () => {
    const forecasts = { ...SAFE, 'host-2': 'unknown' } as const;
    expect(says(judged({ forecasts }))).toBe(
      'stale: All runs. What losing host-2 would cost cannot be told: host-2 unknown.',
    );
  });
  test('a host without a forecast is not taken for safe', () => {
    const forecasts = { 'host-1': 'takes-over', 'host-2': 'takes-over' } as const;
    expect(says(judged({ forecasts }))).toMatch(/^stale: All runs\. What losing host-3 would cost cannot be told/);
  });
  test('of a single host it is not said that any one may be lost', () => {
    const hosts = { 'host-1': { id: 'host-1', address: '127.0.1.1' } };
    const model = { ...judged({ forecasts: { 'host-1': 'unaffected' } }), hosts };
    expect(says(model)).toMatch(/^ok: All runs\./);
  });
});

describe('findings', () => {
  test('a critical one leads by its text, with the number of the others', () => {
    const findings = [finding('Slow', 'warning'), finding('Stopped', 'critical'), finding('Torn', 'critical')];
    expect(says(judged({ findings }))).toBe('down: Broken. Stopped is so. And 2 more.');
  });
  test('a warning leads, and tells whether another host may go', () => {
    const findings = [finding('Slow', 'warning')];
    expect(says(judged({ findings }))).toBe('degraded: Degraded. Slow is so. You can lose another host.');
    const none = { 'host-1': 'stops', 'host-2': 'loses', 'host-3': 'stops' } as const;
    expect(says(judged({ findings, forecasts: none }))).toMatch(/You cannot lose another host\.$/);
    const some = { ...SAFE, 'host-1': 'stops' } as const;
    expect(says(judged({ findings, forecasts: some }))).toMatch(/You cannot lose host-1\.$/);
    const untold = { ...SAFE, 'host-1': 'unknown' } as const;
    expect(says(judged({ findings, forecasts: untold }))).toMatch(
      /Whether you can lose another host cannot be told\.$/,
    );
    expect(says(judged({ findings, forecasts: {} }))).toBe('degraded: Degraded. Slow is so.');
  });
  test('what follows from another neither leads nor counts', () => {
    const root = finding('NodeDown', 'warning');
    const verdict = verdictOf(judged({ findings: [root, finding('Copy', 'critical', { root: root.id })] }), NOW);
    expect(sentence(verdict)).toMatch(/^degraded: Degraded\. NodeDown is so\. You/);
    expect(verdict.problems).toBe(1);
    expect(verdict.groups[0]?.consequences.map(({ code }) => code)).toEqual(['Copy']);
  });
  test('one whose root is gone leads itself', () => {
    const findings = [finding('Copy', 'critical', { root: 'NodeDown:brokerNodes/gone' })];
    expect(says(judged({ findings }))).toBe('down: Broken. Copy is so.');
  });
  test('settings that will hurt later, and hints, neither lead nor count', () => {
    const findings = [finding('Lint', 'critical', { posture: true }), finding('Hint', 'info')];
    const verdict = verdictOf(judged({ findings }), NOW);
    expect([verdict.lead, verdict.problems]).toEqual(['You can lose any one host.', 0]);
  });
  test('an acknowledged one does not lead, until its time is over', () => {
    const findings = [finding('Stopped', 'critical', { acknowledged: ACKNOWLEDGED })];
    const model = judged({ findings });
    expect([says(model), verdictOf(model, NOW).problems]).toEqual([expect.not.stringContaining('Stopped'), 0]);
    expect(says(model)).toBe(
      'ok: All else runs. 1 problem acknowledged. You can lose any one host. 3 broker nodes, 3 Redis nodes, 3 proxies, 3 Consul servers, 3 workers',
    );
    const over = judged({
      findings: [finding('Stopped', 'critical', { acknowledged: { ...ACKNOWLEDGED, until: NOW } })],
    });
    expect(says(over)).toBe('down: Broken. Stopped is so.');
  });
});

describe('what Trellis does not see', () => {
  test('a silent Sentinel is named, counted, and nothing may be lost', () => {
    const verdict = verdictOf(silent(judged(), SENTINEL), NOW);
    expect(sentence(verdict)).toMatch(/^stale: Cannot see all\. .+: /);
    expect(sentence(verdict)).not.toMatch(CAN_LOSE);
    expect(verdict.problems).toBe(1);
  });
  test('a silent Sentinel that is acknowledged does not lead, and still nothing may be lost', () => {
    const subject: Subject = { kind: 'sentinels', id: SENTINEL };
    const findings = [finding('SentinelSilent', 'warning', { subject, acknowledged: ACKNOWLEDGED })];
    const verdict = verdictOf(silent(judged({ findings }), SENTINEL), NOW);
    expect(sentence(verdict)).toMatch(
      /^stale: All else runs\. 1 problem acknowledged\. What losing a host would cost cannot be told: .+ is unknown\.$/,
    );
    expect(verdict.problems).toBe(0);
  });
  test('a silent Sentinel beside a warning: whether another host may go cannot be told', () => {
    const findings = [finding('Slow', 'warning')];
    expect(says(silent(judged({ findings }), SENTINEL))).toMatch(/another host cannot be told\.$/);
  });
  test('a part on a host that a finding speaks of is not counted again', () => {
    const subject: Subject = { kind: 'hosts', id: 'host-2' };
    const findings = [finding('HostGone', 'warning', { subject })];
    expect(verdictOf(silent(judged({ findings }), SENTINEL), NOW).problems).toBe(1);
    expect(verdictOf(silent(judged({ findings: [finding('Slow', 'warning')] }), SENTINEL), NOW).problems).toBe(2);
  });
  test('a reading that only the forecasts rest on, and no part, lets nothing be lost once it is not answered', () => {
    const model = judged();
    const { [QUEUES]: queues, ...readings } = model.readings;
    if (queues === undefined) throw new Error('the lab asks for its queues');
    const failure = { code: 'timeout' as const, message: '', since: FIXTURE_AT, at: FIXTURE_AT };
    for (const reading of [
      { ...queues, failure },
      { ...queues, at: FIXTURE_AT - 60_000 },
    ]) {
      const old = { ...model, workers: {}, readings: { ...readings, [QUEUES]: reading } };
      expect(says(old)).toBe(
        'stale: All runs. What losing host-1 would cost cannot be told: What it rests on is not answered now.',
      );
    }
  });
  test.each([QUEUES, 'rabbitmq/'])('a stale management API (%s) lets nothing be lost', (part) => {
    const verdict = verdictOf(silent(judged(), part), NOW);
    expect(verdict.tone).not.toBe('ok');
    expect(sentence(verdict)).not.toMatch(CAN_LOSE);
  });
  test('a picture that ages, because the stream is dead, loses its promise and its green', () => {
    for (const forecasts of [SAFE, {}]) {
      expect(says(judged({ forecasts }), FIXTURE_AT + 5_001)).toMatch(/^stale: Cannot see all\./);
      expect(says(judged({ forecasts }), FIXTURE_AT + 3_600_000)).toMatch(/^stale: Cannot see all\./);
    }
    const findings = [finding('Slow', 'warning')];
    expect(says(judged({ findings }), FIXTURE_AT + 5_001)).not.toMatch(/You can lose/);
  });
});

describe('what is ill before there is a finding', () => {
  /** Every node and Trellis itself see that rabbit-3 does not run. */
  function withoutRabbit(told: Told): Model {
    const model = judged(told);
    const node = model.brokerNodes[RABBIT.id];
    if (node === undefined) throw new Error('the lab has three nodes');
    const running = node.running.map((claim) => ({ ...claim, value: false }));
    return { ...model, brokerNodes: { ...model.brokerNodes, [RABBIT.id]: { ...node, running } } };
  }

  test('is told as it is shown on the rack', () => {
    const verdict = verdictOf(withoutRabbit({}), NOW);
    expect(sentence(verdict)).toBe('down: 1 down. rabbit-3: down');
    expect(verdict.problems).toBe(1);
  });
  test('is left to the finding once there is one, acknowledged or not', () => {
    const open = verdictOf(withoutRabbit({ findings: [finding('NodeDown', 'warning')] }), NOW);
    expect([open.lead, open.problems]).toEqual(['Degraded.', 1]);
    const known = finding('NodeDown', 'warning', { acknowledged: ACKNOWLEDGED });
    expect(verdictOf(withoutRabbit({ findings: [known] }), NOW).problems).toBe(0);
  });
  test('is not counted beside an open finding: it mostly follows from it', () => {
    const elsewhere: Subject = { kind: 'hosts', id: 'host-1' };
    const open = verdictOf(withoutRabbit({ findings: [finding('Slow', 'warning', { subject: elsewhere })] }), NOW);
    expect([open.lead, open.problems]).toEqual(['Degraded.', 1]);
    const known = finding('Slow', 'warning', { subject: elsewhere, acknowledged: ACKNOWLEDGED });
    expect(says(withoutRabbit({ findings: [known] }))).toBe('down: 1 down. rabbit-3: down');
  });
  test('lets nothing be lost', () => {
    expect(says(withoutRabbit({}))).not.toMatch(CAN_LOSE);
  });
});

test('the lab that these tests judge has three hosts', () => {
  expect(Object.keys(wholeEstate().model.hosts)).toEqual(HOSTS);
});
