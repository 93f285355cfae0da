/** The estate in one sentence. */
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { type Problem, problemsOf } from '#lib/model/problems.ts';
import type { Status } from '#lib/model/status.ts';
import { acknowledgedGroups, type FindingGroup, openGroups } from './finding.ts';
import { marginOf, marginText, remainingText } from './forecast.ts';
import { entityName } from './names.ts';
import { formatCount } from './quantity.ts';

export type Verdict = {
  tone: Extract<Status, 'ok' | 'degraded' | 'down' | 'stale'>;
  /** A few words. */
  lead: string;
  rest: string;
  /** What is broken and nobody is on, the gravest first. */
  groups: readonly FindingGroup[];
  /** Parts that no finding speaks of and that are not seen, or are ill before there is a finding. */
  parts: readonly Problem[];
  /** How many of both. */
  problems: number;
  /** What is broken and somebody is on. */
  acknowledged: number;
};

type Sentence = Pick<Verdict, 'tone' | 'lead' | 'rest'>;

const NAMED = 3;
const ALL_RUNS = 'All runs.';

/** What the header says at `now`: what is broken, else what cannot be seen, else what may still fail. */
export function verdictOf(model: Model, now: number): Verdict {
  const groups = openGroups(model.findings, now);
  const parts = partsApart(model, now, groups.length > 0);
  const acknowledged = acknowledgedGroups(model.findings, now).length;
  const sentence = sentenceOf(model, now, groups, parts);
  const isQuiet = groups.length + parts.length === 0;
  return {
    ...(acknowledged > 0 && isQuiet ? besides(acknowledged, sentence) : sentence),
    ...{ groups, parts, problems: groups.length + parts.length, acknowledged },
  };
}

/** While somebody is on what is broken, the rest is spoken of, and is not taken for all. */
function besides(acknowledged: number, { tone, lead, rest }: Sentence): Sentence {
  const said = lead === ALL_RUNS ? rest : `${lead} ${rest}`;
  return { tone, lead: 'All else runs.', rest: `${formatCount(acknowledged, 'problem')} acknowledged. ${said}` };
}

function sentenceOf(model: Model, now: number, groups: readonly FindingGroup[], parts: readonly Problem[]): Sentence {
  if (Object.keys(model.readings).length === 0)
    return { tone: 'stale', lead: 'Nothing is watched.', rest: 'Name your servers in trellis.yaml.' };
  const [gravest] = groups;
  const margin = marginOf(model, now);
  if (gravest !== undefined) {
    const more = groups.length > 1 ? ` And ${groups.length - 1} more.` : '';
    const rest = `${gravest.root.text}${more}`;
    if (gravest.root.severity === 'critical') return { tone: 'down', lead: 'Broken.', rest };
    const remaining = margin === null ? '' : ` ${remainingText(margin)}`;
    return { tone: 'degraded', lead: 'Degraded.', rest: `${rest}${remaining}` };
  }
  if (parts.length > 0) return { ...leadOf(parts), rest: namesOf(parts, model) };
  if (margin === null) return { tone: 'ok', lead: ALL_RUNS, rest: countsOf(model) };
  if (margin.can === 'any') return { tone: 'ok', lead: marginText(margin), rest: countsOf(model) };
  return { tone: margin.can === 'untold' ? 'stale' : 'degraded', lead: ALL_RUNS, rest: marginText(margin) };
}

/**
 * What no finding speaks of: parts that are not seen, and, while nothing else leads, parts that are ill before a finding
 * is made of it. What is ill beside an open finding mostly follows from it.
 */
function partsApart(model: Model, now: number, isLed: boolean): Problem[] {
  const findings = Object.values(model.findings).filter(({ posture }) => !posture);
  return problemsOf(model, now).filter(
    (problem) => !(isLed && !isUnseen(problem)) && !findings.some((finding) => speaksOf(finding, problem)),
  );
}

function isUnseen({ shown }: Problem): boolean {
  return shown.status === 'stale' || shown.status === 'unknown';
}

/** What several parts make together is spoken of by any finding on one of them. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  queues: ['brokerClusters', 'brokerNodes', 'queues'],
  redisServices: ['redisNodes', 'sentinels'],
  locks: ['beats'],
};

function speaksOf({ subject }: Finding, { kind, id, host }: Problem): boolean {
  if (subject.kind === kind && subject.id === id) return true;
  if (subject.kind === 'hosts') return subject.id === host;
  return TOGETHER[kind]?.includes(subject.kind) === true;
}

function leadOf(parts: readonly Problem[]): Pick<Sentence, 'tone' | 'lead'> {
  const ill = parts.filter((part) => !isUnseen(part));
  const down = ill.filter(({ shown }) => shown.status === 'down').length;
  if (down > 0) return { tone: 'down', lead: `${down} down.` };
  if (ill.length > 0) return { tone: 'degraded', lead: `${ill.length} impaired.` };
  return { tone: 'stale', lead: 'Cannot see all.' };
}

function namesOf(parts: readonly Problem[], model: Model): string {
  const named = parts.slice(0, NAMED).map(({ kind, id, shown }) => `${entityName(kind, id, model)}: ${shown.word}`);
  const more = parts.length - named.length;
  return `${named.join(' · ')}${more > 0 ? ` · and ${more} more` : ''}`;
}

function countsOf(model: Model): string {
  const counts: readonly [number, string][] = [
    [Object.keys(model.brokerNodes).length, 'broker nodes'],
    [Object.keys(model.redisNodes).length, 'Redis nodes'],
    [Object.keys(model.proxies).length, 'proxies'],
    [Object.keys(model.consulServers).length, 'Consul servers'],
    [Object.keys(model.workers).length, 'workers'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}
