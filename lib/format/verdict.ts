/** The estate in one sentence. */
import type { Model } from '#lib/model/model.ts';
import { type Problem, problemsOf } from '#lib/model/problems.ts';
import type { Status } from '#lib/model/status.ts';
import { entityName } from './names.ts';

export type Verdict = {
  tone: Extract<Status, 'ok' | 'degraded' | 'down' | 'stale'>;
  /** Two or three words. */
  lead: string;
  rest: string;
  problems: readonly Problem[];
};

const NAMED = 3;

/** What the header says at `now`: the worst facts by name, the others as a number. */
export function verdictOf(model: Model, now: number): Verdict {
  const problems = problemsOf(model, now);
  const [worst] = problems;
  if (Object.keys(model.readings).length === 0)
    return { tone: 'stale', lead: 'Nothing is watched.', rest: 'Name your servers in trellis.yaml.', problems };
  if (worst === undefined) return { tone: 'ok', lead: 'All is well.', rest: wellText(model), problems };
  const { tone, lead } = leadOf(problems);
  const named = problems.slice(0, NAMED).map((one) => `${entityName(one.kind, one.id, model)}: ${one.shown.word}`);
  const more = problems.length - named.length;
  return { tone, lead, rest: `${named.join(' · ')}${more > 0 ? ` · and ${more} more` : ''}`, problems };
}

function leadOf(problems: readonly Problem[]): Pick<Verdict, 'tone' | 'lead'> {
  const count = (status: Status) => problems.filter((one) => one.shown.status === status).length;
  const [down, degraded] = [count('down'), count('degraded')];
  if (down > 0) return { tone: 'down', lead: `${down} down.` };
  if (degraded > 0) return { tone: 'degraded', lead: `${degraded} impaired.` };
  return { tone: 'stale', lead: 'Cannot see all.' };
}

function wellText(model: Model): string {
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
