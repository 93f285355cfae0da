/** What workers answer to questions, as far as pages name its parts. Replies are foreign: every part may be missing. Pure. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The part at a path of keys; undefined = not there. */
export function partOf(reply: unknown, ...path: readonly string[]): unknown {
  let part = reply;
  for (const key of path) part = isRecord(part) && Object.hasOwn(part, key) ? part[key] : undefined;
  return part;
}

/** A reply without some of its parts; one that has no parts stays as it is. */
export function withoutParts(reply: unknown, keys: readonly string[]): unknown {
  if (!isRecord(reply)) return reply;
  return Object.fromEntries(Object.entries(reply).filter(([key]) => !keys.includes(key)));
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The pool, by `stats`. */
export type PoolReply = {
  /** `prefork`, `eventlet`, … */
  kind: string | null;
  concurrency: number | null;
  /** Process ids; null = a pool without processes. */
  processes: readonly number[] | null;
  prefetch: number | null;
  /** `null` = it does not scale by itself. */
  autoscale: { min: number | null; max: number | null } | null;
};

/** Reads the pool in an answer to `stats`. */
export function poolOf(stats: unknown): PoolReply {
  const processes = partOf(stats, 'pool', 'processes');
  const autoscaler = partOf(stats, 'autoscaler');
  return {
    kind: textOf(partOf(stats, 'pool', 'implementation'))?.replace(/^celery\.concurrency\.(\w+):.*$/, '$1') ?? null,
    concurrency: numberOf(partOf(stats, 'pool', 'max-concurrency')),
    processes: Array.isArray(processes) ? processes.filter((pid) => typeof pid === 'number') : null,
    prefetch: numberOf(partOf(stats, 'prefetch_count')),
    autoscale: isRecord(autoscaler) ? { min: numberOf(autoscaler.min), max: numberOf(autoscaler.max) } : null,
  };
}

/** One consumed queue, by `active_queues`. */
export type QueueReply = {
  name: string;
  exchange: string | null;
  exchangeType: string | null;
  routingKey: string | null;
  durable: boolean | null;
  /** `quorum`, `classic`; null = not told. */
  type: string | null;
};

/** Reads an answer to `active_queues`; a worker without consumers answers null. */
export function queuesOf(reply: unknown): readonly QueueReply[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((queue: unknown) => {
    const name = textOf(partOf(queue, 'name'));
    if (name === null) return [];
    const durable = partOf(queue, 'durable');
    return [
      {
        name,
        exchange: textOf(partOf(queue, 'exchange', 'name')),
        exchangeType: textOf(partOf(queue, 'exchange', 'type')),
        routingKey: textOf(partOf(queue, 'routing_key')),
        durable: typeof durable === 'boolean' ? durable : null,
        type: textOf(partOf(queue, 'queue_arguments', 'x-queue-type')),
      },
    ];
  });
}

/** One task in a worker's hands, by `active`, `reserved` or `scheduled`. */
export type HeldTask = {
  id: string;
  name: string | null;
  args: string | null;
  kwargs: string | null;
  queue: string | null;
  /** When it started, epoch seconds as the worker tells it. */
  startedAtSeconds: number | null;
  pid: number | null;
  acknowledged: boolean | null;
  redelivered: boolean | null;
  /** As Celery prints it. */
  eta: string | null;
};

/** Reads an answer to `active`, `reserved` or `scheduled`. */
export function heldTasks(reply: unknown): readonly HeldTask[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((entry: unknown) => {
    const task = isRecord(partOf(entry, 'request')) ? partOf(entry, 'request') : entry;
    const id = textOf(partOf(task, 'id'));
    return id === null ? [] : [heldTask(id, task, textOf(partOf(entry, 'eta')))];
  });
}

function heldTask(id: string, task: unknown, eta: string | null): HeldTask {
  const flag = (value: unknown) => (typeof value === 'boolean' ? value : null);
  return {
    ...{ id, eta, name: textOf(partOf(task, 'name')) },
    args: printed(partOf(task, 'args')),
    kwargs: printed(partOf(task, 'kwargs')),
    queue: textOf(partOf(task, 'delivery_info', 'routing_key')),
    startedAtSeconds: numberOf(partOf(task, 'time_start')),
    pid: numberOf(partOf(task, 'worker_pid')),
    acknowledged: flag(partOf(task, 'acknowledged')),
    redelivered: flag(partOf(task, 'delivery_info', 'redelivered')),
  };
}

function printed(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A task that a worker knows, with its limits as the worker writes them: `rate_limit` → `10/m`. */
export type RegisteredTask = {
  name: string;
  rateLimit: string | null;
  timeLimit: string | null;
  softTimeLimit: string | null;
};

/** Reads an answer to `registered`: `lab.add [rate_limit=10/m time_limit=30]`. */
export function registeredTasks(reply: unknown): readonly RegisteredTask[] {
  if (!Array.isArray(reply)) return [];
  return reply.filter((entry) => typeof entry === 'string').map(registeredTask);
}

function registeredTask(entry: string): RegisteredTask {
  const [, name = entry, inside = ''] = /^(\S+) \[(.*)\]$/.exec(entry) ?? [];
  const limits = new Map([...inside.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]));
  const limitOf = (key: string) => {
    const value = limits.get(key);
    return value === undefined || value === 'None' ? null : value;
  };
  return {
    name,
    rateLimit: limitOf('rate_limit'),
    timeLimit: limitOf('time_limit'),
    softTimeLimit: limitOf('soft_time_limit'),
  };
}

/** Everything in a reply as lines of path and value, for a table: `pool.timeouts.0` → `30`. */
export function flatten(value: unknown, path = ''): readonly (readonly [path: string, value: string])[] {
  if (typeof value !== 'object' || value === null) return [[path, typeof value === 'string' ? value : String(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']];
  const isPlainList = Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null);
  if (isPlainList) return [[path, value.map(String).join(', ')]];
  return entries.flatMap(([key, one]) => flatten(one, path === '' ? key : `${path}.${key}`));
}
