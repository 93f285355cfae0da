'use client';
/** The filter of the timeline, in the URL: a link shows the same stretch of the same incident. */
import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { TRANSITION_CODES, type TransitionCode } from '#lib/model/transition.ts';

export type TimelineFilter = {
  /** Empty = all. */
  codes: readonly TransitionCode[];
  /** Id of one entity; empty = all. */
  subject: string;
  /** Epoch ms; null = open. */
  from: number | null;
  to: number | null;
};

const PARSERS = {
  codes: parseAsArrayOf(parseAsStringLiteral(TRANSITION_CODES)).withDefault([]),
  subject: parseAsString.withDefault(''),
  from: parseAsInteger,
  to: parseAsInteger,
};

/** The filter, and how to change parts of it (null = back to the default). */
export function useTimelineFilter() {
  return useQueryStates(PARSERS, { urlKeys: { codes: 'code' } });
}
