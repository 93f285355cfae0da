/** EndpointSilent: Trellis cannot see something that nobody else calls down. */

import { fixFor } from '#lib/format/reading.ts';
import { hostOfSubject } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { partsOf } from '#lib/model/parts.ts';
import { isRefused, type Reading } from '#lib/model/reading.ts';
import type { Subject } from '#lib/model/transition.ts';
import type { Found, Rule } from '#server/model/rule.ts';

export const endpointSilent: Rule = {
  code: 'EndpointSilent',
  severity: 'warning',
  posture: false,
  means:
    'An address that Trellis asks does not answer, and no other observer says that what stands behind it is down. It may hang, or be cut off from Trellis alone. What it alone could tell is not known, and no verdict is drawn from it.',
  mend: 'The Sources page has the code of the failure and what mends it. `npm run doctor` checks every endpoint of a configuration.',
  aboutSilence: true,
  holdMs: 3_000,
  find(model, now) {
    const byEndpoint = Map.groupBy(Object.values(model.readings), ({ source, endpoint }) => `${source}/${endpoint}`);
    const shown = new Map(partsOf(model, now).map(({ kind, id, status }) => [`${kind}/${id}`, status]));
    return [...byEndpoint].flatMap(([id, readings]): Found[] => {
      const pulse = readings.reduce((a, b) => (b.intervalMs < a.intervalMs ? b : a));
      const asked = pulse.at !== null || pulse.failure !== null;
      if (!asked || isCurrent(pulse, now)) return [];
      const behind = subjectOf(pulse, model);
      // Of what is down, or not answering although its peers see it, others speak.
      const status = behind === null ? 'unknown' : shown.get(`${behind.kind}/${behind.id}`);
      if (status !== 'stale' && status !== 'unknown') return [];
      // A refused or cut connection is somebody's own finding: the process is gone.
      if (isRefused(pulse) && behind !== null) return [];
      return [found(id, pulse, behind, model)];
    });
  },
};

function found(id: string, pulse: Reading, behind: Subject | null, model: Model): Found {
  const why = pulse.failure === null ? 'no answer comes any more' : pulse.failure.message;
  return {
    subject: { kind: 'endpoints', id },
    text: `Trellis cannot see ${id}: ${why}.`,
    evidence: [{ by: pulse.key, says: why }],
    advice: { text: fixFor(pulse, pulse.failure?.code ?? 'timeout'), command: null },
    because: behind === null ? members(pulse.source, model) : withHost(behind, model),
  };
}

/** What stands behind an endpoint, where that is one part of the estate. */
function subjectOf({ source, endpoint }: Reading, model: Model): Subject | null {
  const own = (one: { own: string | readonly string[] | null }) =>
    [one.own].flat().some((key) => key?.startsWith(`${source}/${endpoint}/`) === true);
  for (const kind of ['brokerNodes', 'redisNodes', 'sentinels', 'proxies', 'consulServers'] as const) {
    for (const entity of Object.values(model[kind])) if (own(entity)) return { kind, id: entity.id };
  }
  return null;
}

function withHost(subject: Subject, model: Model): Subject[] {
  const host = hostOfSubject(subject, model);
  return host === null ? [subject] : [{ kind: 'hosts', id: host }, subject];
}

/** Those who answer for a whole cluster. */
function members(source: Reading['source'], model: Model): Subject[] {
  const kind = source === 'rabbitmq' ? 'brokerNodes' : source === 'consul' ? 'consulServers' : null;
  return kind === null ? [] : Object.keys(model[kind]).flatMap((id) => withHost({ kind, id }, model));
}
