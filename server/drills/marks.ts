/** Marks: what observers saw during a run, on its clock. Pure. */
import { describeTransition } from '#lib/format/transition.ts';
import type { RunMark } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { sentinelLog } from '#lib/model/sentinel-log.ts';
import type { Transition } from '#lib/model/transition.ts';

/** Sentinel's messages that say something about a failover; the rest is its own book-keeping. */
const TELLING =
  /^[+-](?:s?down|odown|new-epoch|try-failover|elected-leader|selected-slave|failover-|switch-master|slave|convert-to-slave|tilt)/;

/** What changed in the model, by the observers that said so. */
export function transitionMarks(transitions: readonly Transition[], model: Model): RunMark[] {
  return transitions.map((transition) => {
    const { title, detail } = describeTransition(transition, model);
    return {
      at: transition.at,
      by: observersOf(transition, model),
      text: detail === '' ? title : `${title}: ${detail}`,
    };
  });
}

/** What the Sentinels published after `after` and up to `until` (epoch ms), oldest first. */
export function sentinelMarks({ sentinels }: Pick<Model, 'sentinels'>, after: number, until: number): RunMark[] {
  const names = (ids: readonly string[]) => ids.map((id) => sentinels[id]?.name ?? id).join(', ');
  return sentinelLog(Object.values(sentinels))
    .filter(({ at, channel }) => at > after && at <= until && TELLING.test(channel))
    .reverse()
    .map(({ at, channel, text, by }) => ({ at, by: names(by), text: `${channel} ${text}` }));
}

function observersOf({ by }: Transition, model: Model): string {
  const [first] = by;
  const reading = first === undefined ? undefined : model.readings[first];
  if (reading === undefined) return 'Trellis';
  const who = reading.via ?? reading.endpoint;
  return by.length === 1 ? `${reading.source} ${who}` : `${reading.source} (${by.length} observers)`;
}
