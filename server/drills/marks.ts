/** Marks: what observers saw during a run, on its clock. Pure. */
import { describeTransition } from '#lib/format/transition.ts';
import type { RunMark } from '#lib/model/drill.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject, Transition } from '#lib/model/transition.ts';
import { bystandersDown } from './guards.ts';

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

/** What each Sentinel published that is not among `known` (by `markKey`), oldest first: when each made up its mind is its own. */
export function sentinelMarks({ sentinels }: Pick<Model, 'sentinels'>, known: ReadonlySet<string>): RunMark[] {
  return Object.values(sentinels)
    .flatMap(({ name, events }) => events.map((event) => ({ ...event, by: name })))
    .filter(({ channel }) => TELLING.test(channel))
    .map(({ at, channel, text, by }) => ({ at, by, text: `${channel} ${text}` }))
    .filter((mark) => !known.has(markKey(mark)))
    .sort((a, b) => a.at - b.at);
}

/** What tells two marks apart. */
export function markKey({ at, by, text }: RunMark): string {
  return `${at} ${by} ${text}`;
}

/** New findings, as judged by `causedBy`. */
export function findingMarks(findings: readonly Finding[], isCaused: (finding: Finding) => boolean): RunMark[] {
  return findings.map((one) => ({
    at: one.since,
    by: 'Trellis',
    text: `${one.code}: ${one.text}${isCaused(one) ? ' (caused by this drill)' : ''}`,
  }));
}

/**
 * Whether a finding is put down to the run: what began with its fault or after it, unless what it goes back to is a process that is
 * down and that the run does not touch. `now` is epoch ms.
 */
export function causedBy(
  { faultAt, disturbs }: { faultAt: number | null; disturbs: readonly Subject[] },
  model: Model,
  now: number,
): (finding: Finding) => boolean {
  const down = new Set(bystandersDown(disturbs, model, now).map(({ kind, id }) => `${kind}/${id}`));
  return (finding) => {
    const { kind, id } = rootOf(finding, model).subject;
    return faultAt !== null && finding.since >= faultAt && !down.has(`${kind}/${id}`);
  };
}

/** Roots have no root themselves; one that is gone leaves the finding to itself. */
function rootOf(finding: Finding, { findings }: Pick<Model, 'findings'>): Finding {
  return finding.root === null ? finding : (findings[finding.root] ?? finding);
}

function observersOf({ by }: Transition, model: Model): string {
  const [first] = by;
  const reading = first === undefined ? undefined : model.readings[first];
  if (reading === undefined) return 'Trellis';
  const who = reading.via ?? reading.endpoint;
  return by.length === 1 ? `${reading.source} ${who}` : `${reading.source} (${by.length} observers)`;
}
