import { describe, expect, it } from 'vitest';
import { Sightings } from './drills-account.ts';
import {
  blocksIn,
  type Crash,
  cutTasks,
  type Expected,
  type Fates,
  fatesOf,
  namingOf,
  openTasks,
  REFUSED,
  type Refusal,
  STARTED,
  sentenceIn,
  type ToldTasks,
  untruthsOf,
  wrongsOf,
  wrongsOfCrash,
} from './drills-planted-verdict.ts';

const TEXT = 'rabbit-3 alone has all of bench-planted (137 messages).';
const EXPECTED: Expected = { check: 'copies-elsewhere', names: ['rabbit-3', 'bench-planted', '137 messages'] };
const BLOCK = { id: 'copies-elsewhere', text: TEXT, ageMs: 800 };
const REFUSAL: Refusal = {
  ...{ drill: 'broker-crash', blocks: [BLOCK], namedMs: 4_000, isRunNew: false },
  answer: { code: REFUSED, detail: `409 DRILL_REFUSED: Refused: Something else. ${TEXT}` },
};

describe('a weakness is named', () => {
  it('by the check that is for it, with everything that was planted in its sentence', () => {
    expect(namingOf(EXPECTED, [{ ...BLOCK, id: 'redundancy' }, BLOCK])).toBe(BLOCK);
    expect(namingOf(EXPECTED, [{ ...BLOCK, id: 'redundancy' }])).toBeUndefined();
    expect(namingOf(EXPECTED, [{ ...BLOCK, text: TEXT.replace('137', '136') }])).toBeUndefined();
    expect(namingOf(EXPECTED, [{ ...BLOCK, text: TEXT.replace('rabbit-3', 'rabbit-2') }])).toBeUndefined();
  });

  it('only by what stands against the plan: a warning lets it pass', () => {
    const check = { ...BLOCK, by: [] };
    const blocks = blocksIn({
      checks: [
        { ...check, level: 'warn' },
        { ...check, id: 'x', level: 'block' },
      ],
    });
    expect(blocks).toEqual([{ ...BLOCK, id: 'x' }]);
  });

  it('with an age, where it is one of evidence that is too old', () => {
    const aged = { ...EXPECTED, leastAgeMs: 3_000 };
    expect(namingOf(aged, [BLOCK])).toBeUndefined();
    expect(namingOf(aged, [{ ...BLOCK, ageMs: null }])).toBeUndefined();
    expect(namingOf(aged, [{ ...BLOCK, ageMs: 3_000 }])).toBeDefined();
  });
});

describe('a drill is refused', () => {
  it('where the plan and the answer to the start name it, and nothing was begun', () => {
    expect(wrongsOf(EXPECTED, REFUSAL)).toEqual([]);
  });

  const wrongs: [string, Partial<Refusal>, RegExp][] = [
    ['the plan names something else', { blocks: [{ ...BLOCK, id: 'other' }] }, /^the plan does not name it.*other: /],
    ['nothing stood against it', { blocks: [], answer: null }, /nothing stood against a start/],
    ['it was started', { answer: { code: STARTED, detail: 'run-1' } }, /answered with STARTED: run-1/],
    ['it was refused for another reason', { answer: { code: 'STATE_CHANGED', detail: TEXT } }, /with STATE_CHANGED/],
    ['the refusal does not say why', { answer: { code: REFUSED, detail: 'Refused.' } }, /refusal does not name it/],
    ['there is a new run', { isRunNew: true }, /new run/],
  ];
  it.each(wrongs)('not where %s', (_, change, text) => {
    expect(wrongsOf(EXPECTED, { ...REFUSAL, ...change }).join('\n')).toMatch(text);
  });
});

const [A, B] = ['celery@host-1', 'celery@host-2'];
const KILLED = { worker: A, at: 20_000 };

type Told = readonly [type: string, uuid: string, seconds: number, hostname?: string, pid?: number];

function seen(...events: readonly Told[]): Sightings {
  const sightings = new Sightings();
  for (const [type, uuid, timestamp, hostname = A, pid = 1] of events)
    sightings.noteLine({ type: `task-${type}`, uuid, hostname, pid, timestamp });
  return sightings;
}

describe('what became of tasks', () => {
  it('in hand are those that the killed worker had begun and not ended', () => {
    const sightings = seen(
      ['started', 'cut', 10],
      ['started', 'ended before', 10],
      ['succeeded', 'ended before', 15],
      ['started', 'elsewhere', 10, B],
      ['started', 'begun after', 25, A, 2],
      ['started', 'of a namesake', 10, `${A}0`],
      ['started', 'trellis-0123abcd-000001', 10],
    );
    expect(cutTasks(sightings, KILLED)).toEqual(['cut']);
  });

  it('lost are those of them that never ended, repeated those that began once more after the kill', () => {
    const sightings = seen(
      ['started', 'lost', 10],
      ['started', 'again', 10],
      ['started', 'again', 21, B],
      ['succeeded', 'again', 80, B],
      ['started', 'twice before', 10, B],
      ['started', 'twice before', 11, B],
      ['succeeded', 'twice before', 70, B],
      ['started', 'stored', 10],
    );
    sightings.noteStored('stored');
    expect(fatesOf(sightings, KILLED)).toEqual({ cut: 3, lost: 1, repeated: 1 });
  });

  it('open are those that began and have neither an end nor a result', () => {
    const sightings = seen(
      ['started', 'open', 10],
      ['started', 'over', 10],
      ['failed', 'over', 11],
      ['started', 'kept', 9],
      ['started', 'trellis-0123abcd-000001', 10],
    );
    sightings.noteStored('kept');
    expect(openTasks(sightings)).toEqual(['open']);
  });
});

const sentence = (orphaned: number, repeated: number) =>
  `Of the estate’s own tasks 6 were under way when it began: 4 ended, ${orphaned} were left behind, ${repeated} ran more than once.`;
const told = (orphaned: number, repeated: number): ToldTasks => ({
  ...{ orphaned, repeated, verdict: orphaned > 0 ? 'broken' : 'held' },
  sentence: sentence(orphaned, repeated),
});

describe('a report is true', () => {
  const fates: Fates = { cut: 2, lost: 2, repeated: 0 };

  it('where its figures and its words are what happened', () => {
    expect(untruthsOf(fates, told(2, 0))).toEqual([]);
  });

  it.each<[string, ToldTasks | null]>([
    ['it counts others', told(0, 0)],
    ['it counts repeated ones that are none', told(2, 1)],
    ['its words are other than its figures', { ...told(2, 0), sentence: sentence(0, 0) }],
    ['its figures are other than its words', { ...told(0, 0), sentence: sentence(2, 0) }],
    ['it has no words for it', { ...told(2, 0), sentence: null }],
    ['it says nothing of them', null],
  ])('not where %s', (_, report) => {
    expect(untruthsOf(fates, report)).not.toEqual([]);
  });

  it('by the line of its Markdown that tells of tasks, wherever that stands', () => {
    expect(sentenceIn(`# worker-crash\n\nHeld.\n${sentence(2, 0)}\nMore.`)).toBe(sentence(2, 0));
    expect(sentenceIn('# worker-crash\n\nHeld.')).toBeNull();
  });
});

describe('a crash went as promised', () => {
  const EARLY: Crash = { acks: 'early', fates: { cut: 2, lost: 2, repeated: 0 }, atEnd: told(2, 0), later: told(2, 0) };
  const LATE: Crash = { acks: 'late', fates: { cut: 2, lost: 0, repeated: 2 }, atEnd: told(0, 2), later: told(0, 2) };

  it('where early ones are lost and late ones repeated, and the report says so, at once or when it has counted', () => {
    expect([EARLY, LATE, { ...EARLY, atEnd: null }].map(wrongsOfCrash)).toEqual([[], [], []]);
  });

  it.each<[string, Crash, RegExp]>([
    ['nothing was in hand', { ...EARLY, fates: { cut: 0, lost: 0, repeated: 0 } }, /not what early/],
    ['a late one is lost', { ...LATE, fates: { cut: 2, lost: 1, repeated: 1 } }, /not what late/],
    ['no late one came again', { ...LATE, fates: { cut: 2, lost: 0, repeated: 0 } }, /not what late/],
    ['the report counted too early', { ...EARLY, atEnd: told(0, 0) }, /^at the end of the run: left behind: 2, but 0/],
    ['it is wrong to the last', { ...LATE, later: told(2, 2) }, /^later: left behind: 0, but 2/],
    [
      'its verdict knows nothing of them',
      { ...EARLY, later: { ...told(2, 0), verdict: 'held' } },
      /^the verdict is held, and 2/,
    ],
    ['it never counts', { ...EARLY, later: null }, /^later: the report says nothing/],
  ])('not where %s', (_, crash, text) => {
    expect(wrongsOfCrash(crash)[0]).toMatch(text);
  });
});
