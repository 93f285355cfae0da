/** HostDown: no process of a host answers, and at least one of them is known to be gone. */
import { entityName } from '#lib/format/names.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { type Part, partsOf } from '#lib/model/parts.ts';
import { isRefused } from '#lib/model/reading.ts';
import type { Found, Rule } from '#server/model/rule.ts';

/** From this many kinds of silent processes on, it is the host. */
const KINDS_NEEDED = 2;
/** The kinds that Trellis asks themselves. Beats and workers are seen through others, who notice their end late. */
const ASKED = ['brokerNodes', 'redisNodes', 'sentinels', 'proxies', 'consulServers'] as const;
type Asked = (typeof ASKED)[number];

export const hostDown: Rule = {
  code: 'HostDown',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  means:
    'No process of this host answers any more, and at least one of them is known to be gone. Everything else that is reported about the host follows from this.',
  mend: 'Bring the host back, or take it out of the estate for good. What it did is listed under it, with who took it over.',
  holdMs: 1_000,
  find(model, now) {
    const asked = partsOf(model, now).filter((part): part is Part & { kind: Asked } =>
      (ASKED as readonly string[]).includes(part.kind),
    );
    const byHost = Map.groupBy(asked, ({ kind, id }) => model[kind][id]?.host ?? null);
    return [...byHost].flatMap(([host, parts]): Found[] => (host === null ? [] : judge(host, parts, model, now)));
  },
};

function judge(host: string, parts: readonly (Part & { kind: Asked })[], model: Model, now: number): Found[] {
  const silent = parts.every(
    ({ kind, id }) => !waysIn(kind, id, model).some((by) => isCurrent(model.readings[by], now)),
  );
  const gone = parts.filter(
    ({ kind, id, status }) => status === 'down' || waysIn(kind, id, model).some((by) => isRefused(model.readings[by])),
  );
  if (!silent || gone.length === 0 || new Set(parts.map(({ kind }) => kind)).size < KINDS_NEEDED) return [];
  const names = parts.map(({ kind, id }) => entityName(kind, id, model));
  const address = model.hosts[host]?.address;
  return [
    {
      subject: { kind: 'hosts', id: host },
      text: `${host} is down: ${names.join(', ')} do not answer.`,
      evidence: gone.flatMap((part) => evidenceOf(part, model)),
      advice: {
        text: `Look whether the machine runs and is reachable${address === undefined ? '' : ` (${address})`}.`,
        command: address === undefined ? null : `ping -c 3 ${address}`,
      },
    },
  ];
}

/** The readings that Trellis takes from the process itself. */
function waysIn(kind: Asked, id: string, model: Model): readonly string[] {
  const node = kind === 'brokerNodes' ? model.brokerNodes[id] : undefined;
  if (node !== undefined) return [...node.own, ...(node.amqp === null ? [] : [node.amqp.by])];
  const own = kind === 'brokerNodes' ? null : (model[kind][id]?.own ?? null);
  return own === null ? [] : [own];
}

/** The peers that say it is down, and Trellis itself, which was refused. */
function evidenceOf({ kind, id, status, word }: Part & { kind: Asked }, model: Model): Evidence[] {
  const name = entityName(kind, id, model);
  const refused = waysIn(kind, id, model).filter((by) => isRefused(model.readings[by]));
  return [
    ...(status === 'down' ? claims(kind, id, model) : []).map((by) => ({ by, says: `${name}: ${word}` })),
    ...refused.map((by) => ({ by, says: `${name}: ${model.readings[by]?.failure?.message ?? 'refused'}` })),
  ];
}

/** Who says that it does not run. */
function claims(kind: Asked, id: string, model: Model): string[] {
  const said = {
    brokerNodes: model.brokerNodes[id]?.running,
    redisNodes: model.redisNodes[id]?.up,
    sentinels: model.sentinels[id]?.up,
    consulServers: model.consulServers[id]?.alive,
    proxies: undefined,
  }[kind];
  return (said ?? []).filter(({ value }) => !value).map(({ by }) => by);
}
