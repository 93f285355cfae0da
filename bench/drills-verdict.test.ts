import { describe, expect, it } from 'vitest';
import type { RunAnswer } from '#lib/contract/drills.ts';
import type { DrillPath, LedgerCount, Outage } from '#lib/model/drill.ts';
import type { Figures } from './drills-account.ts';
import { DRILL_TABLE, type DrillRow } from './drills-table.ts';
import {
  type DrillRun,
  disagreements,
  isPassed,
  judge,
  problemOf,
  type Told,
  type ToldOutage,
  toldOf,
} from './drills-verdict.ts';

const ROW = DRILL_TABLE.find(({ drill }) => drill === 'redis-crash') as DrillRow;
const LEDGER: LedgerCount = {
  ...{ published: 100, confirmed: 100, executed: 100, lost: 0, repeated: 0, resultsLost: 0, open: 0, delayed: 0 },
};
const WELL: Told['outages'] = { publish: null, execute: null, result: null, schedule: null };
const NONE = { confirmed: 50, lost: 0, repeated: 0, resultsLost: 0 };
const WITNESS: Figures = {
  ...{ canaries: { executed: 100, repeated: 0, resultsLost: 0 }, probes: NONE, traffic: NONE },
  outageMs: { publish: 0, execute: 0, result: 0, schedule: 0 },
  canaryOutageMs: { execute: null, result: null },
};
const out = (path: DrillPath, ms: number, more: Partial<ToldOutage> = {}): Told['outages'] => ({
  ...WELL,
  [path]: { ms, errorMs: 100, isOver: true, ...more },
});
const told = (more: Partial<Told> = {}): Told => ({
  ...{ verdict: 'held', because: [], cause: 'Replication is late.', ledger: LEDGER, outages: WELL },
  ...more,
});
const run = (more: Partial<DrillRun> = {}): DrillRun => ({
  ...{ drill: 'redis-crash', run: 1, target: 'results', told: told(), witness: WITNESS, stolen: 0, problem: null },
  ...{ before: { master: 'host-1' }, during: { master: ['host-1', 'host-3'] } },
  ...more,
});
const counted = (more: Partial<LedgerCount>) => run({ told: told({ ledger: { ...LEDGER, ...more } }) });

describe('the table holds', () => {
  it('where everything is within its limits, the error of an outage included', () => {
    expect(judge(ROW, run())).toEqual([]);
    expect(judge(ROW, run({ told: told({ outages: out('result', ROW.outageMs.result + 100) }) }))).toEqual([]);
    expect(judge(ROW, counted({ resultsLost: ROW.resultsLost }))).toEqual([]);
  });

  it.each([
    ['a task is lost', counted({ lost: 1 }), /^lost: 1/],
    ['one runs twice', counted({ repeated: 1 }), /^repeated: 1/],
    ['more results are gone', counted({ resultsLost: ROW.resultsLost + 1 }), /^results lost/],
    ['canaries are not judged', counted({ open: 2 }), /^2 canaries/],
    ['nothing was measured', counted({ published: 0, confirmed: 0, executed: 0 }), /^no canary/],
    ['a path is out for too long', run({ told: told({ outages: out('result', 10_101) }) }), /^result: out for 10101/],
    ['a path is not back', run({ told: told({ outages: out('result', 1, { isOver: false }) }) }), /^result: was not/],
    ['a step failed', run({ told: told({ verdict: 'failed', because: ['Late.'] }) }), /^ended as failed: Late/],
    ['nobody else has the role', run({ during: { master: ['host-1'] } }), /^master: nobody of host-2, host-3/],
    ['there is no report', run({ told: null }), /no report/],
  ])('not where %s', (_, one, difference) => {
    expect(judge(ROW, one)).toEqual([expect.stringMatching(difference)]);
  });

  it('whoever has a role that was not taken from the struck host', () => {
    const host = DRILL_TABLE.find(({ drill }) => drill === 'host-crash') as DrillRow;
    const struck = { target: 'host-2', before: { master: 'host-1', leader: 'host-2' } } as const;
    expect(judge(host, run({ ...struck, during: { master: ['host-1'], leader: ['host-2', 'host-1'] } }))).toEqual([]);
    expect(judge(host, run({ ...struck, during: { leader: ['host-2'] } }))).toHaveLength(1);
  });
});

describe('report and witness agree', () => {
  const seen = (more: Partial<Figures>) => run({ witness: { ...WITNESS, ...more } });
  const outFor = (ms: number | null, path: DrillPath = 'execute') =>
    seen({ outageMs: { ...WITNESS.outageMs, [path]: ms } });

  it('where they count the same', () => {
    expect(disagreements(run())).toEqual([]);
  });

  it.each([
    ['runs', { executed: 99, repeated: 0, resultsLost: 0 }, /^executed: 100 .*99/],
    ['second runs', { executed: 100, repeated: 1, resultsLost: 0 }, /^repeated: 0 .*1/],
    ['lost results', { executed: 100, repeated: 0, resultsLost: 3 }, /^results lost: 0 .*3/],
  ])('not where the count of %s is one off', (_, canaries, difference) => {
    expect(disagreements(seen({ canaries }))).toContainEqual(expect.stringMatching(difference));
  });

  it('on lost ones exactly where all were confirmed, and else as far as the unconfirmed leave it open', () => {
    const canaries = { executed: 95, repeated: 0, resultsLost: 0 };
    const lost = (count: number, confirmed: number) => {
      const ledger = { ...LEDGER, executed: 95, confirmed, lost: count };
      return disagreements(run({ told: told({ ledger }), witness: { ...WITNESS, canaries } }));
    };
    expect(lost(5, 100)).toEqual([]);
    expect(lost(4, 100)).toEqual(['lost: 4 by the report, 5 by the witness']);
    expect([lost(2, 97), lost(5, 97)]).toEqual([[], []]);
    expect(lost(1, 97)).toEqual(['lost: 1 by the report, 2 to 5 by the witness']);
  });

  it.each(['probes', 'traffic'] as const)('not where nothing is lost, but of the %s', (whose) => {
    expect(disagreements(seen({ [whose]: { ...NONE, lost: 1 } }))).toEqual([expect.stringMatching(/^lost: none/)]);
  });

  it('where something is lost, and by chance nothing of the others', () => {
    const ledger = { ...LEDGER, executed: 99, lost: 1 };
    const canaries = { executed: 99, repeated: 0, resultsLost: 0 };
    expect(disagreements(run({ told: told({ ledger }), witness: { ...WITNESS, canaries } }))).toEqual([]);
  });

  it('on what is too short to be an outage', () => {
    expect(disagreements(outFor(500))).toEqual([]);
    expect(disagreements(outFor(501))).toEqual([expect.stringMatching(/^execute: not out .*501 ms by the witness/)]);
  });

  it('on an outage within 200 ms and the interval of the canaries', () => {
    const report = told({ outages: out('execute', 4_000) });
    expect(disagreements({ ...outFor(4_300), told: report })).toEqual([]);
    expect(disagreements({ ...outFor(3_699), told: report })).toHaveLength(1);
  });

  it('… and of what its error says that Trellis stood still itself', () => {
    const report = told({ outages: out('execute', 4_000, { errorMs: 600 }) });
    expect(disagreements({ ...outFor(4_800), told: report })).toEqual([]);
    expect(disagreements({ ...outFor(4_801), told: report })).toHaveLength(1);
  });

  it('where the nearer of the witness’s own tasks and the canaries says the same', () => {
    const report = told({ outages: out('execute', 4_000) });
    const both = (own: number, canary: number) =>
      seen({
        outageMs: { ...WITNESS.outageMs, execute: own },
        canaryOutageMs: { execute: canary, result: null },
      });
    expect(disagreements({ ...both(3_400, 4_100), told: report })).toEqual([]);
    expect(disagreements({ ...both(4_100, 3_400), told: report })).toEqual([]);
    expect(disagreements({ ...both(3_400, 3_500), told: report })).toHaveLength(1);
  });

  it('on the schedule within the interval of its ticks and the error that the report gives', () => {
    const report = told({ outages: out('schedule', 15_000, { errorMs: 5_000 }) });
    expect(disagreements({ ...outFor(21_200, 'schedule'), told: report })).toEqual([]);
    expect(disagreements({ ...outFor(21_201, 'schedule'), told: report })).toHaveLength(1);
  });

  it('on what was not back only where neither saw it back', () => {
    const open = told({ outages: out('execute', 4_000, { isOver: false }) });
    expect(disagreements({ ...outFor(null), told: open })).toEqual([]);
    expect(disagreements({ ...outFor(4_000), told: open })).toHaveLength(1);
    expect(disagreements(outFor(null))).toHaveLength(1);
  });

  it('never where one of them is missing', () => {
    expect(disagreements(run({ told: null }))).toHaveLength(1);
    expect(disagreements(run({ witness: null }))).toHaveLength(1);
  });
});

describe('a run passes', () => {
  const broken = (more: Partial<Told>) => told({ verdict: 'broken', ledger: { ...LEDGER, repeated: 9 }, ...more });
  const same = { ...WITNESS, canaries: { executed: 100, repeated: 9, resultsLost: 0 } };

  it('where the hypothesis held and the witness says so', () => {
    expect(isPassed(ROW, run())).toBe(true);
    expect(isPassed(ROW, run({ witness: { ...WITNESS, probes: { ...NONE, lost: 1 } } }))).toBe(false);
    expect(isPassed(ROW, run({ problem: 'the lab is down' }))).toBe(false);
  });

  it('where it was broken for a cause that the report names, and the witness says the same', () => {
    expect(isPassed(ROW, run({ told: broken({}), witness: same }))).toBe(true);
    expect(isPassed(ROW, run({ told: broken({ cause: null }), witness: same }))).toBe(false);
    expect(isPassed(ROW, run({ told: broken({ verdict: 'held' }), witness: same }))).toBe(false);
    expect(isPassed(ROW, run({ told: broken({}), witness: WITNESS }))).toBe(false);
  });

  it('never where it failed, or left open what happened', () => {
    for (const verdict of ['failed', 'aborted', 'unknown'] as const) {
      expect(isPassed(ROW, run({ told: broken({ verdict }), witness: same }))).toBe(false);
    }
  });
});

it('takes the longest outage of each path out of a report', () => {
  const outage = (path: DrillPath, ms: number, to: number | null): Outage => ({ path, from: 0, to, ms, errorMs: 50 });
  const outages = [outage('execute', 300, 300), outage('execute', 900, 900), outage('schedule', 500, null)];
  const answer = {
    run: { verdict: 'broken', because: ['Late.'], ledger: LEDGER, outages, startedAt: 0, endedAt: 500 },
    hypothesis: { because: 'Why.' },
  } as unknown as RunAnswer;
  expect(toldOf(answer)).toEqual({
    ...{ verdict: 'broken', because: ['Late.'], cause: 'Why.', ledger: LEDGER },
    outages: {
      ...{ publish: null, execute: { ms: 900, errorMs: 50, isOver: true }, result: null },
      schedule: { ms: 500, errorMs: 50, isOver: false },
    },
  });
});

describe('a run is spoilt by the host of the machine', () => {
  const broken = { told: told({ outages: out('result', ROW.outageMs.result + 5_000) }) };
  const spoilt = 'the host took 60 % of the machine for five seconds';

  it('where that took much of it, whether the outages were as promised or not', () => {
    expect(problemOf(ROW, run({ ...broken, stolen: 0.6 }))).toBe(spoilt);
    expect(problemOf(ROW, run({ stolen: 0.6 }))).toBe(spoilt);
  });

  it('and never where it took little, or nobody watched', () => {
    expect(problemOf(ROW, run({ ...broken, stolen: 0.4 }))).toBeNull();
    expect(problemOf(ROW, run({ ...broken, stolen: null }))).toBeNull();
  });

  it('and never where a count is too high, or not the witness’s', () => {
    expect(problemOf(ROW, { ...counted({ lost: ROW.lost + 1 }), stolen: 0.6 })).toBeNull();
    expect(problemOf(ROW, run({ witness: { ...WITNESS, probes: { ...NONE, lost: 1 } }, stolen: 0.6 }))).toBeNull();
    expect(problemOf(ROW, { ...counted({ executed: 99 }), stolen: 0.6 })).toBeNull();
  });
});
