/** What Trellis said of planted weaknesses, and of tasks that a killed worker had in hand, held against what the bench knows. Pure. */
import type { OwnTasks } from '#lib/contract/drills.ts';
import type { DrillId, DrillPlan, RunVerdict } from '#lib/model/drill.ts';
import type { Sightings } from './drills-account.ts';

/** What must stand against a drill. */
export type Expected = {
  /** Id of the check. */
  readonly check: string;
  /** All of this stands in its sentence. */
  readonly names: readonly string[];
  /** Its oldest evidence is told to be as old as this, at least; absent = however old. */
  readonly leastAgeMs?: number;
};

/** A check that stood against a drill. */
export type Block = { readonly id: string; readonly text: string; readonly ageMs: number | null };

/** How a drill was planned, and started all the same, while a weakness was planted. */
export type Refusal = {
  readonly drill: DrillId;
  /** By the last plan. */
  readonly blocks: readonly Block[];
  /** From the weakness until the plan named it; null = it never did. */
  readonly namedMs: number | null;
  /** What the start was answered with; null = nothing stood against it, and it was not tried. */
  readonly answer: { readonly code: string; readonly detail: string } | null;
  /** There was a new run afterwards. */
  readonly isRunNew: boolean;
};

/** What Trellis answers to the start of a drill that something stands against. */
export const REFUSED = 'DRILL_REFUSED';
/** In the place of a code: it was started. */
export const STARTED = 'STARTED';

/** The checks that stand against a plan. */
export function blocksIn({ checks }: Pick<DrillPlan, 'checks'>): Block[] {
  return checks.filter(({ level }) => level === 'block').map(({ id, text, ageMs }) => ({ id, text, ageMs }));
}

/** The check that names what was planted; undefined = none does. */
export function namingOf({ check, names, leastAgeMs = 0 }: Expected, blocks: readonly Block[]): Block | undefined {
  return blocks.find(
    ({ id, text, ageMs }) => id === check && names.every((name) => text.includes(name)) && (ageMs ?? 0) >= leastAgeMs,
  );
}

/** What is wrong with how a drill was refused; empty = nothing. */
export function wrongsOf(expected: Expected, { blocks, answer, isRunNew }: Refusal): string[] {
  const wrongs: string[] = [];
  const texts = blocks.map(({ id, text }) => `${id}: ${text}`).join(' ');
  if (namingOf(expected, blocks) === undefined)
    wrongs.push(`the plan does not name it, but says: ${texts || 'nothing'}`);
  if (answer === null) wrongs.push('nothing stood against a start');
  else if (answer.code !== REFUSED) wrongs.push(`the start was answered with ${answer.code}: ${answer.detail}`);
  else if (!expected.names.every((name) => answer.detail.includes(name)))
    wrongs.push(`the refusal does not name it, but says: ${answer.detail}`);
  if (isRunNew) wrongs.push('there was a new run afterwards');
  return wrongs;
}

/** When tasks are acknowledged: on receipt, or when they are done. */
export const ACKS = ['early', 'late'] as const;
export type Acks = (typeof ACKS)[number];

/** A worker whose processes were killed (epoch ms). */
export type Killed = { readonly worker: string; readonly at: number };

/** What became of the estate's tasks when a worker was killed, by Celery's events and the result store. */
export type Fates = {
  /** It was at work on so many. */
  readonly cut: number;
  /** Of those, and never ended. */
  readonly lost: number;
  /** Of all tasks: begun once more after the kill. */
  readonly repeated: number;
};

/** Those of the canaries, which no report counts among the estate's own. */
const CANARY = /^trellis-/;

/** The tasks that a worker was at work on when it was killed. */
export function cutTasks({ tasks }: Pick<Sightings, 'tasks'>, { worker, at }: Killed): string[] {
  return [...tasks].flatMap(([id, { started, ended }]) => {
    const isCut = [...started.values()].some((start) => {
      const isOurs = start.process.startsWith(`${worker} `) && start.at <= at;
      return isOurs && ![...ended.values()].some((end) => end >= start.at && end <= at);
    });
    return isCut && !CANARY.test(id) ? [id] : [];
  });
}

/** The tasks that began and have not ended yet. */
export function openTasks(sightings: Sightings): string[] {
  return [...sightings.tasks.keys()].filter(
    (id) => !CANARY.test(id) && sightings.hasBegun(id) && !sightings.isExecuted(id),
  );
}

/** What became of them, once nothing more is to come. */
export function fatesOf(sightings: Sightings, killed: Killed): Fates {
  const cut = cutTasks(sightings, killed);
  const repeated = [...sightings.tasks].filter(([id, { started }]) => {
    const times = [...started.values()].map(({ at }) => at);
    return !CANARY.test(id) && times.some((at) => at <= killed.at) && times.some((at) => at > killed.at);
  });
  return {
    cut: cut.length,
    lost: cut.filter((id) => !sightings.isExecuted(id)).length,
    repeated: repeated.length,
  };
}

/** What a report says of the estate's own tasks; `sentence` = that of its Markdown, null = it has none. */
export type ToldTasks = Pick<OwnTasks, 'orphaned' | 'repeated'> & {
  readonly sentence: string | null;
  readonly verdict: RunVerdict | null;
};

/** The line of a report in Markdown that says what became of the estate's own tasks; null = none does. */
export function sentenceIn(markdown: string): string | null {
  return markdown.split('\n').find((line) => LEFT_BEHIND.test(line)) ?? null;
}

const LEFT_BEHIND = /\b(\d+) were left behind, (\d+) ran more than once\b/;

/** Where a report says something else than what happened; empty = nowhere. */
export function untruthsOf({ lost, repeated }: Fates, told: ToldTasks | null): string[] {
  if (told === null) return ['the report says nothing of the estate’s own tasks'];
  const [, lostInWords, repeatedInWords] = LEFT_BEHIND.exec(told.sentence ?? '') ?? [];
  const apart = (what: string, known: number, counted: number, inWords: string | undefined) => [
    ...(counted === known ? [] : [`${what}: ${known}, but ${counted} by the report`]),
    ...(Number(inWords) === known ? [] : [`${what}: ${known}, but ${inWords ?? 'nothing'} in its words`]),
  ];
  return [
    ...apart('left behind', lost, told.orphaned, lostInWords),
    ...apart('repeated', repeated, told.repeated, repeatedInWords),
  ];
}

/** A worker killed with tasks in hand, and what was said of it. */
export type Crash = {
  readonly acks: Acks;
  readonly fates: Fates;
  /** By the report when the run was over, and by the same one once nothing more was to come; null = not counted. */
  readonly atEnd: ToldTasks | null;
  readonly later: ToldTasks | null;
};

/**
 * What is wrong with such a run; empty = nothing. Tasks with late acknowledgement may come again, and none may be lost. A report
 * that has not counted yet is no untruth: one that has counted wrongly is, though it should be set right later.
 */
export function wrongsOfCrash({ acks, fates, atEnd, later }: Crash): string[] {
  const promised = acks === 'early' ? fates.lost > 0 : fates.lost === 0 && fates.repeated > 0;
  const happened = `${fates.cut} in hand, ${fates.lost} lost, ${fates.repeated} repeated`;
  return [
    ...(promised ? [] : [`not what ${acks} acknowledgement leads to: ${happened}`]),
    ...(atEnd === null ? [] : untruthsOf(fates, atEnd).map((text) => `at the end of the run: ${text}`)),
    ...untruthsOf(fates, later).map((text) => `later: ${text}`),
    ...(fates.lost > 0 && later?.verdict === 'held' ? [`the verdict is held, and ${fates.lost} tasks were lost`] : []),
  ];
}
