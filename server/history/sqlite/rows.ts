/** Rows to transitions and stretches, and back. */
import type { BlindCode, BlindStretch } from '#lib/contract/timeline.ts';
import type { Cause, Subject, Transition, TransitionCode } from '#lib/model/transition.ts';
import type { Tables } from './tables.ts';

/** The row of a transition. */
export function rowOfTransition(transition: Transition): Tables['transitions'] {
  const { id, at, code, subject, from, to, by, between, cause } = transition;
  return {
    ...{ id, at, code, kind: subject.kind, subject: subject.id, part: subject.part ?? null },
    ...{ was: from, became: to, said_by: JSON.stringify(by) },
    ...{ between_from: between?.from ?? null, between_to: between?.to ?? null },
    cause: cause === undefined ? null : JSON.stringify(cause),
  };
}

/** The transition of a row. */
export function transitionOfRow(row: Tables['transitions']): Transition {
  const { id, at, code, kind, part, between_from: from, between_to: to } = row;
  const subject = { kind: kind as Subject['kind'], id: row.subject, ...(part === null ? {} : { part }) };
  return {
    ...{ id, at, code: code as TransitionCode, subject },
    ...{ from: row.was, to: row.became, by: JSON.parse(row.said_by) as string[] },
    ...(from === null || to === null ? {} : { between: { from, to } }),
    ...(row.cause === null ? {} : { cause: JSON.parse(row.cause) as Cause }),
  };
}

/** The row of a stretch. */
export function rowOfStretch({ id, what, from, to, code }: BlindStretch): Tables['blind'] {
  return { id, what, since: from, until: to, code };
}

/** The stretch of a row. */
export function stretchOfRow({ id, what, since, until, code }: Tables['blind']): BlindStretch {
  return { id, what, from: since, to: until, code: code as BlindCode };
}
