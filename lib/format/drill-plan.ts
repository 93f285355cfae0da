/** Plans in words: what stands against one, and what changed between two of them. Pure. */
import type { DrillPlan, GuardCheck } from '#lib/model/drill.ts';
import type { Shown } from '#lib/model/status.ts';
import { winnerText } from './drill.ts';
import { formatCount } from './quantity.ts';

/** An older plan is not acted on: its evidence may be wrong by now. */
export const PLAN_EXPIRES_MS = 3_000;

const LEVELS = ['block', 'warn', 'pass'] as const satisfies readonly GuardCheck['level'][];

export const GUARD_SHOWN: Readonly<Record<GuardCheck['level'], Shown>> = {
  pass: { status: 'ok', word: 'holds' },
  warn: { status: 'degraded', word: 'mind' },
  block: { status: 'down', word: 'refused' },
};

/** What refuses first, then what to mind; otherwise in the order of the plan, so that rows keep their places. */
export function sortedChecks(checks: readonly GuardCheck[]): GuardCheck[] {
  return checks.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** True when nothing stands against it. */
export function isClear({ checks }: Pick<DrillPlan, 'checks'>): boolean {
  return checks.every(({ level }) => level !== 'block');
}

/** `Refused because …`, `14 guards hold, 1 to mind`. */
export function checksText(checks: readonly GuardCheck[]): string {
  const count = (of: GuardCheck['level']) => checks.filter(({ level }) => level === of).length;
  const [refusing, ...more] = checks.filter(({ level }) => level === 'block');
  if (refusing !== undefined) {
    const rest = more.length > 0 ? ` And ${formatCount(more.length, 'more reason')}.` : '';
    return `Refused because: ${refusing.text.replace(/\.?$/, '.')}${rest}`;
  }
  const minded = count('warn');
  return `${formatCount(count('pass'), 'guard holds', 'guards hold')}${minded > 0 ? `, ${minded} to mind` : ''}`;
}

/**
 * What a reader who has seen `before` must know of `after`, in sentences; [] = it is the same plan. Figures move all the time: beside
 * the guards only what comes with another state counts.
 */
export function planChanges(before: DrillPlan, after: DrillPlan): string[] {
  const checks = checkChanges(before.checks, after.checks);
  if (before.stateHash === after.stateHash) return checks;
  const said = [...checks, ...stepChanges(before, after), ...expectedChanges(before, after)];
  return said.length > 0 ? said : ['Roles, leaders or holders that the plan rests on have changed.'];
}

function expectedChanges(before: DrillPlan, after: DrillPlan): string[] {
  const [was, is] = [before.hypothesis.winner, after.hypothesis.winner];
  return [
    ...(was === is ? [] : [`${winnerText(is)}, by what is known now; before: ${was}.`]),
    ...listChanges('Blast radius', before.radius, after.radius),
    ...listChanges('Warning', before.warnings, after.warnings),
    ...listChanges('Canary queue', before.canaryQueues, after.canaryQueues),
  ];
}

function checkChanges(before: readonly GuardCheck[], after: readonly GuardCheck[]): string[] {
  const known = new Map(before.map((check) => [check.id, check]));
  return after.flatMap((check) => {
    const was = known.get(check.id);
    // What holds now is no news to be minded: whoever waited for it may start.
    if (was?.level === check.level || check.level === 'pass') return [];
    const word = GUARD_SHOWN[check.level].word;
    return [`${check.text} (${was === undefined ? word : `${word}, before: ${GUARD_SHOWN[was.level].word}`})`];
  });
}

function stepChanges(before: DrillPlan, after: DrillPlan): string[] {
  const known = new Map(before.steps.map((step) => [step.id, step]));
  const changed = after.steps.flatMap((step) => {
    const was = known.get(step.id);
    if (was === undefined) return [`New step: ${step.title}.`];
    const isSame =
      `${was.calls.join('\n')}\n\n${was.undo.join('\n')}` === `${step.calls.join('\n')}\n\n${step.undo.join('\n')}`;
    return isSame ? [] : [`Step “${step.title}” makes other calls.`];
  });
  const gone = before.steps.filter(({ id }) => !after.steps.some((step) => step.id === id));
  return [...changed, ...gone.map(({ title }) => `Step “${title}” is no longer needed.`)];
}

function listChanges(what: string, before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((text) => !before.includes(text)).map((text) => `${what}, new: ${text}`),
    ...before.filter((text) => !after.includes(text)).map((text) => `${what}, gone: ${text}`),
  ];
}
