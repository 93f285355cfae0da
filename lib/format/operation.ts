/** Operations in words. Pure. */
import type { ControlStage, OperationProgress } from '#lib/contract/control.ts';
import { formatTotal } from './task.ts';

/** What a stage is called on screen. */
export const STAGE_WORDS: Readonly<Record<ControlStage, string>> = {
  requested: 'requested',
  acknowledged: 'acknowledged',
  verified: 'verified',
  'not-verified': 'not verified',
  'no-answer': 'no answer',
  refused: 'refused',
  failed: 'failed',
};

/** `12 done, 3 left out, 1 failed`; what is none is left out, except what was done. */
export function describeProgress({ done, skipped, failed }: OperationProgress): string {
  return [
    `${formatTotal(done)} done`,
    ...(skipped > 0 ? [`${formatTotal(skipped)} left out`] : []),
    ...(failed > 0 ? [`${formatTotal(failed)} failed`] : []),
  ].join(', ');
}
