/** All queues looked at once, for all findings about queues: there may be ten thousand, and rules look several times a second. */
import { someOf } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { queueTitle } from '#lib/format/queue.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { policyOf, taskQueues } from '#lib/model/queues.ts';
import type { Policy, Queue, Replication } from '#lib/model/rabbitmq.ts';
import { sumTold } from '#lib/model/sum.ts';
import { downNodes, mayMirror } from './broker-nodes.ts';

const NAMED = 3;

/** Queues of which the same is true. */
export type Bundle = {
  count: number;
  /** Three of them at most, to be named. */
  some: readonly Queue[];
  /** Messages in all of them, ready and unacknowledged; null = not told. */
  messages: number | null;
  ready: number | null;
  /** Broker nodes with a copy that could take over without loss. */
  holders: readonly string[];
  /** Broker nodes with a copy that could not, or that are down. */
  behind: readonly string[];
};

export type QueueSurvey = {
  /** Nobody can publish to them or consume from them. */
  leaderless: Bundle;
  /** Mirrored, with one copy left that is in sync. */
  singleCopy: Bundle;
  /** Raft queues that lose their majority with the next member. */
  marginZero: Bundle;
  /** Fewer copies than wanted, and none of the above. */
  missing: Bundle;
  /** Durable and led by a node that runs, and alone in telling no figures. */
  silent: Bundle;
  /** Durable, with messages ready and no consumer. */
  unconsumed: Bundle;
  /** Durable, and meant to have one copy. */
  unreplicated: Bundle;
  mirrored: Bundle;
  /** Queues of event receivers that are gone. */
  orphaned: Bundle;
  /** The policies that mirrored queues follow, and how many follow each. */
  mirrorPolicies: readonly { policy: Policy; queues: number }[];
};

type Memo = { policies: Model['policies']; down: string; mirrors: boolean; survey: QueueSurvey };
const surveys = new WeakMap<Model['queues'], Memo>();

/** The survey at `now` (epoch ms); null = nobody tells of queues now. */
export function surveyQueues(model: Model, now: number): QueueSurvey | null {
  // Queues come from one reading.
  const by = Object.values(model.queues)[0]?.by ?? '';
  if (!isCurrent(model.readings[by], now)) return null;
  const down = downNodes(model, now);
  const mirrors = mayMirror(model);
  const known = surveys.get(model.queues);
  if (known?.policies === model.policies && known.down === down.join() && known.mirrors === mirrors) {
    return known.survey;
  }
  const survey = makeSurvey(model, new Set(down), mirrors);
  surveys.set(model.queues, { policies: model.policies, down: down.join(), mirrors, survey });
  return survey;
}

function makeSurvey(model: Model, down: ReadonlySet<string>, mirrors: boolean): QueueSurvey {
  const { all } = taskQueues(model.queues);
  const ofCopies = Map.groupBy(all, (queue) => copiesOf(queue, down));
  const bundle = (queues: readonly Queue[] = []) => bundleOf(queues, down);
  const mirrored = all.filter(({ replication }) => replication.kind === 'mirrors');
  return {
    leaderless: bundle(ofCopies.get('leaderless')),
    singleCopy: bundle(ofCopies.get('single')),
    marginZero: bundle(ofCopies.get('margin-zero')),
    missing: bundle(ofCopies.get('missing')),
    silent: bundle(tellsFigures(model) ? all.filter((queue) => isSilent(queue, down)) : []),
    unconsumed: bundle(all.filter(({ durable, consumers, ready }) => durable && consumers === 0 && (ready ?? 0) > 0)),
    unreplicated: bundle(all.filter((queue) => isUnreplicated(queue, model, mirrors))),
    mirrored: bundle(mirrored),
    orphaned: bundle(Object.values(model.queues).filter(isOrphaned)),
    mirrorPolicies: policiesOf(mirrored, model),
  };
}

type Copies = 'leaderless' | 'single' | 'margin-zero' | 'missing' | 'whole' | 'untold';

/** RabbitMQ's words for a queue that serves nobody. */
const STOPPED: readonly string[] = ['down', 'crashed', 'stopped', 'terminated', 'minority'];

function copiesOf({ state, replication }: Queue, down: ReadonlySet<string>): Copies {
  const { kind, leader, members, wanted } = replication;
  if (leader === null || down.has(leader) || STOPPED.includes(state ?? '')) return 'leaderless';
  const copies = usable(replication, down)?.length;
  if (copies === undefined) return 'untold';
  if (kind === 'quorum' || kind === 'stream') {
    const margin = copies - (Math.floor(members.length / 2) + 1);
    if (margin < 0) return 'leaderless';
    if (margin === 0 && members.length > 1) return 'margin-zero';
  }
  if (copies >= wanted) return 'whole';
  return kind === 'mirrors' && copies <= 1 ? 'single' : 'missing';
}

/** Copies in sync on nodes that live: the server's list lags behind a node's death. null = it cannot tell. */
function usable({ inSync }: Replication, down: ReadonlySet<string>): string[] | null {
  return inSync?.filter((node) => !down.has(node)) ?? null;
}

function isUnreplicated(queue: Queue, model: Model, mirrors: boolean): boolean {
  const { durable, replication } = queue;
  if (!durable || replication.kind === 'mirrors' || replication.wanted > 1) return false;
  // While a mirrored queue is being recovered its lists are missing: it then looks as if it had no mirrors.
  return !(mirrors && policyOf(queue, model.policies)?.definition['ha-mode'] !== undefined);
}

/** Where the nodes collect no figures no queue has any. */
function tellsFigures({ queues }: Pick<Model, 'queues'>): boolean {
  return Object.values(queues).some(({ consumers }) => consumers !== null);
}

function isSilent(queue: Queue, down: ReadonlySet<string>): boolean {
  const { durable, consumers, ready, figuresBy } = queue;
  return (
    durable && figuresBy !== null && consumers === null && ready === null && copiesOf(queue, down) !== 'leaderless'
  );
}

function isOrphaned({ name, consumers, ready, unacknowledged }: Queue): boolean {
  return name.startsWith('celeryev.') && consumers === 0 && (ready ?? 0) + (unacknowledged ?? 0) > 0;
}

function policiesOf(mirrored: readonly Queue[], model: Model): QueueSurvey['mirrorPolicies'] {
  const followers = Map.groupBy(mirrored, (queue) => policyOf(queue, model.policies));
  return [...followers].flatMap(([policy, queues]) => (policy === null ? [] : [{ policy, queues: queues.length }]));
}

function bundleOf(queues: readonly Queue[], down: ReadonlySet<string>): Bundle {
  const holders = new Set<string>();
  const behind = new Set<string>();
  for (const { replication } of queues) {
    const copies = usable(replication, down);
    for (const node of copies ?? []) holders.add(node);
    for (const node of replication.members) if (copies !== null && !copies.includes(node)) behind.add(node);
  }
  return {
    count: queues.length,
    some: queues.slice(0, NAMED),
    messages: sumTold(queues.flatMap(({ ready, unacknowledged }) => [ready, unacknowledged])),
    ready: sumTold(queues.map(({ ready }) => ready)),
    holders: [...holders].sort(),
    behind: [...behind].sort(),
  };
}

/** `celery`, or `12 queues (a, b, c and 9 more)`. */
export function queuesText({ count, some }: Bundle): string {
  const names = someOf(some.map(queueTitle), count);
  return count === 1 ? `The queue ${names}` : `${count} queues (${names})`;
}

/** The form of the verb that goes with these queues. */
export function agree({ count }: Bundle, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** ` with 1204 messages`; nothing where figures are not told now. */
export function messagesText(bundle: Bundle, model: Model, now: number): string {
  return bundle.messages === null || !figuresTold(bundle, model, now)
    ? ''
    : ` with ${formatCount(bundle.messages, 'message')}`;
}

/** Whether the figures of these queues are of now. */
export function figuresTold({ some: [first] }: Bundle, model: Model, now: number): boolean {
  return isCurrent(model.readings[first?.figuresBy ?? ''], now);
}

/** What the list of queues (or, told so, that of their figures) says of each named one. */
export function evidenceOf(
  { some }: Bundle,
  says: (queue: Queue) => string,
  from: 'by' | 'figuresBy' = 'by',
): Evidence[] {
  return some.map((queue) => ({ by: queue[from] ?? queue.by, says: `${queueTitle(queue)}: ${says(queue)}` }));
}
