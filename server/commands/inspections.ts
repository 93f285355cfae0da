/** Questions to workers on behalf of browsers: an answer serves everybody who asks within a second, and few are asked at once. */
import { EVERY_WORKER, type InspectAnswer, type InspectMethod, type InspectQuery } from '#lib/contract/control.ts';
import type { Model } from '#lib/model/model.ts';
import type { CeleryControl } from '#server/actions/celery-control.ts';
import { workersThere } from '#server/actions/worker-presence.ts';
import { createMask, MASK, type Mask } from '#server/celery/mask.ts';
import { objectOf } from '#server/celery/values.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

export type Inspections = {
  /**
   * Asks one worker, or all (`EVERY_WORKER`).
   * @throws Error with code INSPECT_BUSY (too many questions wait) or BROKER_UNREACHABLE
   */
  ask(worker: string, query: InspectQuery): Promise<Omit<InspectAnswer, 'now'>>;
};

export type InspectionsOptions = {
  control: Pick<CeleryControl, 'inspect'>;
  model(): Model;
  clock: TimerClock;
  /** For arguments of tasks; of the usual names unless told. */
  mask?: Mask;
};

const KEPT_MS = 1_000;
const AT_ONCE = 4;
const WAITING_MAX = 64;
/** What takes a worker more than a moment: it collects settings of the whole machine. */
const SLOW: ReadonlySet<InspectMethod> = new Set(['report', 'conf']);
/** What carries arguments of tasks. */
const HOLDS_TASKS: ReadonlySet<InspectMethod> = new Set(['active', 'reserved', 'scheduled', 'query_task']);
const ANSWER_MS = { usual: 1_000, slow: 5_000 } as const;

type Kept = { answer: Promise<Omit<InspectAnswer, 'now'>>; until: number };

/** Nothing was asked yet. */
export function createInspections({ control, model, clock, mask = createMask() }: InspectionsOptions): Inspections {
  const kept = new Map<string, Kept>();
  const waiting: (() => void)[] = [];
  let busy = 0;

  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    // Whoever is woken takes over the place of the one that leaves.
    if (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  async function asked(worker: string, query: InspectQuery): Promise<Omit<InspectAnswer, 'now'>> {
    const { method } = query;
    const askedAt = clock.now();
    const workers = worker === EVERY_WORKER ? null : [worker];
    const timeoutMs = SLOW.has(method) ? ANSWER_MS.slow : ANSWER_MS.usual;
    const told = await control.inspect(method, { workers, arguments: argumentsOf(query), timeoutMs });
    const replies = HOLDS_TASKS.has(method) ? (masked(told, mask) as typeof told) : told;
    const silent = (workers ?? workersThere(model())).filter((one) => !Object.hasOwn(replies, one));
    return { method, askedAt, tookMs: clock.now() - askedAt, replies, silent };
  }

  return {
    ask(worker, query) {
      const now = clock.now();
      for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
      const key = JSON.stringify([worker, query.method, query.id ?? []]);
      const known = kept.get(key);
      if (known !== undefined) return known.answer;
      if (waiting.length >= WAITING_MAX) return Promise.reject(tooMany());
      const answer = inTurn(() => asked(worker, query));
      const entry: Kept = { answer, until: Number.POSITIVE_INFINITY };
      kept.set(key, entry);
      const settle = (keptMs: number) => {
        entry.until = clock.now() + keptMs;
      };
      // An error is nothing to keep.
      answer.then(
        () => settle(KEPT_MS),
        () => settle(0),
      );
      return answer;
    },
  };
}

function argumentsOf({ method, id }: InspectQuery): Readonly<Record<string, unknown>> {
  if (method === 'query_task') return { ids: id ?? [] };
  if (method === 'registered') return { taskinfoitems: ['rate_limit', 'time_limit', 'soft_time_limit'] };
  if (method === 'conf') return { with_defaults: true };
  return {};
}

/** Without the secrets that `mask` knows, in texts and under names. */
function masked(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (Array.isArray(value)) return value.map((one) => masked(one, mask));
  const entries = objectOf(value);
  if (entries === null) return value;
  const isSecret = (name: string) => mask.text(`${name}=x`) !== `${name}=x`;
  return Object.fromEntries(
    Object.entries(entries).map(([name, one]) => [name, isSecret(name) ? MASK : masked(one, mask)]),
  );
}

function tooMany(): Error {
  return Object.assign(new Error('Too many questions to workers wait. Try again in a moment.'), {
    code: 'INSPECT_BUSY',
  });
}
