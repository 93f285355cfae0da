import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunMark } from '#lib/model/drill.ts';
import { type Axis, axisOf, distinctMarks, lanesOf, markTone, outageLanes, placeOf, ticksOf } from './drill-axis.ts';
import { FAULT_AT, STARTED_AT, sampleOutage, sampleRun } from './drill-sample.ts';

const WIDTH_PX = 800;
const AXIS: Axis = { from: FAULT_AT, to: FAULT_AT + 8_000, zero: FAULT_AT, zeroIs: 'fault' };
const mark = (offsetMs: number, by: string, text = 'sees'): RunMark => ({ at: FAULT_AT + offsetMs, by, text });

test('zero is the fault, and the start while there was none', () => {
  expect(axisOf(sampleRun(), 0, 'fault')).toMatchObject({ zero: FAULT_AT, zeroIs: 'fault' });
  const before = sampleRun({ state: 'running', faultAt: null, endedAt: null });
  expect(axisOf(before, STARTED_AT + 20_000, 'fault')).toMatchObject({ zero: STARTED_AT, zeroIs: 'start' });
  expect(axisOf(before, STARTED_AT + 20_000, 'fault').to).toBeGreaterThan(STARTED_AT + 20_000);
});

test('around the fault the axis ends shortly after the last thing that happened, however long was watched', () => {
  const run = sampleRun({ endedAt: FAULT_AT + 60_000, marks: [mark(9_000, 'haproxy-1')] });
  const { to } = axisOf(run, run.endedAt ?? 0, 'fault');
  expect(to).toBeGreaterThan(FAULT_AT + 9_000);
  expect(to).toBeLessThan(FAULT_AT + 12_000);
  expect(axisOf(run, run.endedAt ?? 0, 'whole')).toMatchObject({ from: STARTED_AT, to: FAULT_AT + 60_000 });
});

test('while something is out the axis grows with it', () => {
  const run = sampleRun({ state: 'running', endedAt: null, outages: [sampleOutage('result', null)] });
  expect(axisOf(run, FAULT_AT + 30_000, 'fault').to).toBeGreaterThan(FAULT_AT + 30_000);
});

test('ticks are round distances from zero, as many as are readable, wherever the axis begins', () => {
  expect(ticksOf(AXIS, WIDTH_PX).map(({ label }) => label)).toEqual([
    ...['0 s', '1 s', '2 s', '3 s', '4 s', '5 s', '6 s', '7 s', '8 s'],
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 1_000, max: 7_200_000 }), (before, after) => {
      const axis = { ...AXIS, from: FAULT_AT - before, to: FAULT_AT + after };
      const ticks = ticksOf(axis, WIDTH_PX);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(WIDTH_PX / 64 + 1);
      for (const { at, x } of ticks) {
        expect(at).toBeGreaterThanOrEqual(axis.from);
        expect(x).toBeLessThanOrEqual(WIDTH_PX);
      }
      expect(ticks.some(({ at }) => at === FAULT_AT)).toBe(true);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('each observer has a lane, in the order in which they first saw something', () => {
  const marks = [mark(3_000, 'b'), mark(2_000, 'a'), mark(1_000, 'b'), mark(90_000, 'late')];
  const lanes = lanesOf(marks, AXIS, WIDTH_PX);
  expect(lanes.map(({ by, marks: mine }) => [by, mine.length])).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
  expect(lanes[0]?.marks[0]?.x).toBe(100);
});

test('texts on a lane never overlap, and never leave it', () => {
  const marks = fc.array(fc.tuple(fc.integer({ min: 0, max: 8_000 }), fc.string({ minLength: 1, maxLength: 40 })), {
    ...{ minLength: 1, maxLength: 12 },
  });
  fc.assert(
    fc.property(marks, fc.integer({ min: 120, max: 1_200 }), (all, widthPx) => {
      const lanes = lanesOf(
        all.map(([at, text]) => mark(at, 'x', text)),
        AXIS,
        widthPx,
      );
      const boxes = (lanes[0]?.marks ?? []).flatMap(({ label }) => {
        if (label === null) return [];
        const length = label.text.length * 6.1;
        return [label.anchor === 'start' ? [label.x, label.x + length] : [label.x - length, label.x]];
      });
      for (const [i, [from = 0, to = 0]] of boxes.entries()) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(widthPx);
        expect(from).toBeGreaterThanOrEqual(boxes[i - 1]?.[1] ?? 0);
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('what failed and what came look different, in the words of each product', () => {
  for (const text of ['+sdown', 'redis-1 DOWN', 'connection refused', 'rabbit-1 is not running', 'no leader'])
    expect(markTone({ text }), text).toBe('bad');
  for (const text of ['+switch-master', 'redis-2 UP L7OK', 'role:master', '-sdown', 'redis-2 serves'])
    expect(markTone({ text }), text).toBe('good');
  expect(markTone({ text: '+vote-for-leader' })).toBe('neutral');
  expect(markTone({ text: 'redis-2 is master of results: was redis-1' })).toBe('good');
  expect(markTone({ text: 'haproxy-1 sends amqp to rabbit-2: was nobody' })).toBe('neutral');
});

test('an outage is drawn from where it began, grows while it goes on, and shows how far its end may be off', () => {
  const run = sampleRun({ outages: [sampleOutage('result', 4_000, 200), sampleOutage('publish', null)] });
  const lanes = outageLanes(run, AXIS, FAULT_AT + 6_000, WIDTH_PX);
  expect(lanes.map(({ path }) => path)).toEqual(['publish', 'execute', 'result', 'schedule']);
  expect(lanes[2]?.bars[0]).toMatchObject({ x: 0, widthPx: 400, error: { x: 380, widthPx: 40 }, ms: 4_000 });
  expect(lanes[0]?.bars[0]).toMatchObject({ x: 0, widthPx: 600, error: null, ms: 6_000 });
  expect(lanes[1]?.bars).toEqual([]);
  expect(outageLanes(run, AXIS, FAULT_AT + 7_000, WIDTH_PX)[0]?.bars[0]?.widthPx).toBe(700);
});

test('what is off the axis stands at its end', () => {
  expect([FAULT_AT - 1, FAULT_AT + 4_000, FAULT_AT + 9_000].map((at) => placeOf(at, AXIS, WIDTH_PX))).toEqual([
    0, 400, 800,
  ]);
});

test('the same word of the same observer at the same time is drawn once', () => {
  const marks = [mark(2_000, 'a', 'up'), mark(1_000, 'a', 'up'), mark(1_000, 'a', 'up'), mark(1_000, 'b', 'up')];
  expect(distinctMarks(marks).map(({ at, by }) => [at - FAULT_AT, by])).toEqual([
    [1_000, 'a'],
    [1_000, 'b'],
    [2_000, 'a'],
  ]);
});
