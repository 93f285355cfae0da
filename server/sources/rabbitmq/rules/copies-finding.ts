/** The common form of the findings about copies that are missing. */
import { shortNodeName } from '#lib/format/names.ts';
import type { Advice } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Found } from '#server/model/rule.ts';
import { ailingNodes, CLUSTER, downNodes, nodeNames, nodeSubjects } from './broker-nodes.ts';
import { type Bundle, evidenceOf } from './queue-survey.ts';
import { shellWord } from './words.ts';

/** One finding for all queues of the bundle. */
export function copiesFound(bundle: Bundle, text: string, model: Model, now: number): Found[] {
  if (bundle.count === 0) return [];
  return [
    {
      subject: CLUSTER,
      text,
      evidence: evidenceOf(bundle, ({ replication: { inSync, wanted } }) => copiesSaid(inSync, wanted, model)),
      advice: adviceOf(bundle, model, now),
      because: nodeSubjects([...new Set([...ailingNodes(model, now), ...bundle.behind])], model),
    },
  ];
}

function copiesSaid(inSync: readonly string[] | null, wanted: number, model: Model): string {
  const names = (inSync ?? []).map((id) => shortNodeName(id, model));
  return `${names.length} of ${wanted} in sync (${names.join(', ')})`;
}

function adviceOf({ some: [first], behind }: Bundle, model: Model, now: number): Advice {
  const down = downNodes(model, now);
  if (down.length > 0) {
    return { text: `Bring back ${nodeNames(down, model)}; no other node may be stopped before that.`, command: null };
  }
  const where = behind.length === 0 ? '' : ` on ${nodeNames(behind, model)}`;
  if (first?.replication.kind !== 'mirrors' || behind.length === 0) {
    return { text: `Wait until the copies${where} have caught up; stop no node before that.`, command: null };
  }
  return {
    text: `Synchronise the copies${where}: where ha-sync-mode is automatic RabbitMQ does so itself. A queue stands still meanwhile.`,
    command: `rabbitmqctl sync_queue -p ${shellWord(first.vhost)} ${shellWord(first.name)}`,
  };
}
