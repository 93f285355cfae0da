/** Celery workers for tests: they answer remote control as Celery 5 does, at once, and can be paused, busy or gone. */
import { emptyModel, type Model } from '#lib/model/model.ts';
import { createPidboxClient, type OpenPidboxWire } from '#server/amqp/pidbox-client.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createCeleryControl } from './celery-control.ts';

export type SimulatedWorker = {
  /** Answers nothing, and does nothing. */
  paused: boolean;
  /** Says yes and does nothing. */
  lazy: boolean;
  gone: boolean;
  pid: number;
  processes: number[];
  autoscaler: { min: number; max: number } | null;
  queues: Set<string>;
  rateLimits: Map<string, string>;
  sendsEvents: boolean;
  active: string[];
  reserved: string[];
  scheduled: string[];
  revoked: Set<string>;
};

type Args = Readonly<Record<string, unknown>>;
const TASKS = ['lab.add', 'lab.sleep'];

/** Workers of these names, Trellis's control over them, and what was sent; the clock moves with `ending`. */
export function simulatedWorkers(...names: readonly string[]) {
  const clock = manualClock(1_800_000_000_000);
  const workers = new Map(names.map((name, i) => [name, newWorker(100 * (i + 1))]));
  const sent: { method: string; arguments: Args; destination: readonly string[] | null; expires: number }[] = [];
  const wire = { refused: null as Error | null, opened: 0, lose: (_: Error) => {}, beforeSending: (_: string) => {} };

  const open: OpenPidboxWire = async (onReply, onLost) => {
    if (wire.refused !== null) throw wire.refused;
    wire.opened += 1;
    wire.lose = onLost;
    return {
      replyTo: 'trellis.reply.test',
      publish(body, headers) {
        const request = JSON.parse(new TextDecoder().decode(body));
        wire.beforeSending(request.method);
        sent.push({ ...request, expires: Number(headers.expires) * 1_000 });
        for (const [name, worker] of workers) {
          if (worker.paused || worker.gone || request.destination?.includes(name) === false) continue;
          const said = answer(worker, request.method, request.arguments);
          if (said === undefined) continue;
          const reply = new TextEncoder().encode(JSON.stringify({ [name]: said }));
          queueMicrotask(() => onReply(reply, { ticket: request.ticket }));
        }
      },
      close: () => undefined,
    };
  };

  const goneAt = new Map<string, number>();

  /** As events tell it. */
  function model(): Model {
    const told = [...workers].map(([id, { pid, gone }]) => {
      const state = gone ? ('offline' as const) : ('online' as const);
      if (gone && !goneAt.has(id)) goneAt.set(id, clock.now());
      const since = goneAt.get(id) ?? 0;
      return [
        id,
        {
          ...{ id, host: null, heartbeatAt: clock.now(), heartbeatEveryMs: 2_000, state, since, pid, active: 0 },
          ...{ processed: 0, loadAverage: null, software: null, system: null, clockSkewMs: 0 },
          ...{ sendsTaskEvents: true, missedTasks: 0, by: '' },
        },
      ] as const;
    });
    return { ...emptyModel(), celeryWorkers: Object.fromEntries(told) };
  }

  const client = createPidboxClient(open, clock);
  const control = createCeleryControl({ client, clock, model, tasks: null });
  return {
    ...{ clock, workers, sent, wire, model, client, control },
    worker(name = names[0] ?? ''): SimulatedWorker {
      const found = workers.get(name);
      if (found === undefined) throw new Error(`${name} is not there`);
      return found;
    },
    /** Moves the clock until it has settled; `each` runs before every step of 100 ms. */
    async ending<T>(work: Promise<T>, each: (passedMs: number) => void = () => undefined): Promise<T> {
      const began = clock.now();
      let isSettled = false;
      const settled = () => {
        isSettled = true;
      };
      work.then(settled, settled);
      for (let turn = 0; turn < 100_000; turn += 1) {
        for (let i = 0; i < 5 && !isSettled; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
        if (isSettled) break;
        each(clock.now() - began);
        clock.advance(100);
      }
      return work;
    },
  };
}

function newWorker(pid: number): SimulatedWorker {
  return {
    ...{ paused: false, lazy: false, gone: false, pid, processes: [pid + 1, pid + 2, pid + 3, pid + 4] },
    ...{ autoscaler: null, queues: new Set(['celery']), rateLimits: new Map(), sendsEvents: true },
    ...{ active: [], reserved: [], scheduled: [], revoked: new Set() },
  };
}

/** Undefined = it answers nothing. */
function answer(worker: SimulatedWorker, method: string, args: Args): unknown {
  switch (method) {
    case 'ping':
      return { ok: 'pong' };
    case 'stats':
      return {
        ...(worker.autoscaler === null ? {} : { autoscaler: worker.autoscaler }),
        pool: { 'max-concurrency': 4, processes: worker.processes },
      };
    case 'active_queues':
      return [...worker.queues].map((name) => ({ name }));
    case 'registered':
      return TASKS.map((task) => {
        const rate = worker.rateLimits.get(task);
        return rate === undefined ? task : `${task} [rate_limit=${rate}]`;
      });
    case 'active':
    case 'reserved':
    case 'scheduled':
      return worker[method].map((id) => ({ id }));
    case 'revoked':
      return [...worker.revoked];
    case 'query_task':
      return Object.fromEntries(
        (args.ids as string[]).flatMap((id) => (worker.active.includes(id) ? [[id, ['active', {}]]] : [])),
      );
    default:
      return worker.lazy ? { ok: 'as you wish' } : obey(worker, method, args);
  }
}

function obey(worker: SimulatedWorker, method: string, args: Args): unknown {
  const n = Number(args.n);
  switch (method) {
    case 'pool_grow':
      for (let i = 0; i < n; i += 1) worker.processes.push(Math.max(...worker.processes) + 1);
      return { ok: 'pool will grow' };
    case 'pool_shrink':
      worker.processes.splice(-n);
      return { ok: 'pool will shrink' };
    case 'pool_restart':
      return { error: "ValueError('Pool restarts not enabled')" };
    case 'autoscale':
      if (worker.autoscaler === null) return { error: "ValueError('Autoscale not enabled')" };
      worker.autoscaler = { min: Number(args.min), max: Number(args.max) };
      return { ok: 'autoscale now' };
    case 'add_consumer':
      worker.queues.add(String(args.queue));
      return { ok: `add consumer ${args.queue}` };
    case 'cancel_consumer':
      worker.queues.delete(String(args.queue));
      return { ok: `no longer consuming from ${args.queue}` };
    case 'rate_limit':
      worker.rateLimits.set(String(args.task_name), String(args.rate_limit));
      return { ok: 'new rate limit set successfully' };
    case 'enable_events':
    case 'disable_events': {
      const wanted = method === 'enable_events';
      const already = worker.sendsEvents === wanted;
      worker.sendsEvents = wanted;
      return { ok: `task events ${already ? 'already ' : ''}${wanted ? 'enabled' : 'disabled'}` };
    }
    case 'revoke':
      for (const id of args.task_id as string[]) worker.revoked.add(id);
      if (args.terminate === true) worker.active = worker.active.filter((id) => !worker.revoked.has(id));
      return { ok: 'tasks flagged as revoked' };
    case 'shutdown':
      worker.gone = true;
      return undefined;
    default:
      return { error: `KeyError('${method}')` };
  }
}
