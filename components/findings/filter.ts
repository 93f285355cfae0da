'use client';
/** What to show of the findings, in the URL: a link shows the same list. */
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { SEVERITIES } from '#lib/model/finding.ts';

/** now = what is wrong; posture = settings that will hurt later. */
export const TABS = ['now', 'posture'] as const;
export type Tab = (typeof TABS)[number];

const PARSERS = {
  /** null = that of the selected finding. */
  tab: parseAsStringLiteral(TABS),
  severities: parseAsArrayOf(parseAsStringLiteral(SEVERITIES)).withDefault([]),
  text: parseAsString.withDefault(''),
};

/** The filter, and how to change parts of it (null = back to the default). */
export function useFindingFilter() {
  return useQueryStates(PARSERS, { urlKeys: { severities: 'severity', text: 'filter' } });
}
