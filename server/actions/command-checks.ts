/** What each command sends, and how its effect is seen: by a question that is asked before and after. Pure. */
import type { WorkerCommand } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import { objectOf } from '#server/celery/values.ts';

/** A question to a worker; it may be one that Celery calls a command, where a repetition changes nothing. */
export type Question = { method: string; arguments: Readonly<Record<string, unknown>> };

/** What the answer shows; `text` is for people and says it of one worker. */
export type Verdict = { seen: boolean; text: string };

export type CommandCheck = {
  arguments: Readonly<Record<string, unknown>>;
  before: Question;
  after: Question;
  /** Why it must not be sent to the worker that gave this answer before; null = it may. */
  refuse(before: unknown): string | null;
  judge(before: unknown, after: unknown): Verdict;
  /** How long the effect may take. */
  limitMs: number;
};

/** Commands whose effect the worker itself can be asked for. */
export type CheckedCommand = Exclude<WorkerCommand, { method: 'shutdown' | 'drain' }>;

const LIMIT_MS = 10_000;
const RESTART_LIMIT_MS = 60_000;
const ping: Question = { method: 'ping', arguments: {} };
const stats: Question = { method: 'stats', arguments: {} };
const activeQueues: Question = { method: 'active_queues', arguments: {} };

/** How a command is sent and checked. */
export function checkOf(command: CheckedCommand): CommandCheck {
  switch (command.method) {
    case 'pool_grow':
      return poolSize(command.n);
    case 'pool_shrink':
      return { ...poolSize(-command.n), arguments: { n: command.n } };
    case 'pool_restart':
      return poolRestart();
    case 'autoscale':
      return autoscale(command);
    case 'add_consumer':
    case 'cancel_consumer':
      return consumer(command.queue, command.method === 'add_consumer');
    case 'rate_limit':
      return limits(command.task, { task_name: command.task, rate_limit: command.rate }, { rate_limit: command.rate });
    case 'time_limit': {
      const { task, hard, soft } = command;
      return limits(task, { task_name: task, hard, soft }, { time_limit: hard, soft_time_limit: soft });
    }
    case 'enable_events':
      return events('enable_events', 'enabled');
    case 'disable_events':
      return events('disable_events', 'disabled');
  }
}

const never = () => null;

function poolSize(by: number): CommandCheck {
  return {
    ...{ arguments: { n: by }, before: stats, after: stats, limitMs: LIMIT_MS },
    refuse(before) {
      const size = poolSizeOf(before);
      return size !== null && size + by < 1 ? `its pool has ${size}: none would be left` : null;
    },
    judge(before, after) {
      const [was, is] = [poolSizeOf(before), poolSizeOf(after)];
      if (was === null || is === null) return { seen: false, text: 'it does not tell the size of its pool' };
      return { seen: by > 0 ? is >= was + by : is <= was + by, text: `its pool has ${is}, and had ${was}` };
    },
  };
}

/** Processes that there are; where a pool has none, how many tasks it runs at once. */
function poolSizeOf(answer: unknown): number | null {
  const processes = processesOf(answer);
  if (processes.length > 0) return processes.length;
  const most = objectOf(objectOf(answer)?.pool)?.['max-concurrency'];
  return typeof most === 'number' ? most : null;
}

function processesOf(answer: unknown): readonly unknown[] {
  const processes = objectOf(objectOf(answer)?.pool)?.processes;
  return Array.isArray(processes) ? processes : [];
}

function poolRestart(): CommandCheck {
  return {
    ...{ arguments: { reload: false }, before: stats, after: stats, limitMs: RESTART_LIMIT_MS },
    refuse: never,
    judge(before, after) {
      const [was, is] = [processesOf(before), processesOf(after)];
      if (is.length === 0) return { seen: false, text: 'it does not tell its processes' };
      const old = is.filter((pid) => was.includes(pid)).length;
      return { seen: old === 0, text: `${old} of its ${is.length} processes were there before` };
    },
  };
}

function autoscale({ min, max }: { min: number; max: number }): CommandCheck {
  return {
    ...{ arguments: { max, min }, before: stats, after: stats, refuse: never, limitMs: LIMIT_MS },
    judge(_, after) {
      const scaler = objectOf(objectOf(after)?.autoscaler);
      if (scaler === null) return { seen: false, text: 'it has no autoscaler' };
      const text = `its autoscaler keeps ${scaler.min} to ${scaler.max}`;
      return { seen: scaler.min === min && scaler.max === max, text };
    },
  };
}

function consumer(queue: string, wanted: boolean): CommandCheck {
  return {
    ...{ arguments: { queue }, before: activeQueues, after: activeQueues, limitMs: LIMIT_MS },
    refuse: never,
    judge(_, after) {
      const queues = queueNames(after);
      if (queues === null) return { seen: false, text: 'it does not tell its queues' };
      const text = queues.length === 0 ? 'it consumes no queue' : `it consumes ${andList(queues)}`;
      return { seen: queues.includes(queue) === wanted, text };
    },
  };
}

/** The names in an answer to `active_queues`; null = it is none. */
export function queueNames(answer: unknown): readonly string[] | null {
  if (!Array.isArray(answer)) return null;
  return answer.flatMap((queue) => {
    const name = objectOf(queue)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}

type Limits = Readonly<Record<string, string | number | null>>;

function limits(task: string, sent: Readonly<Record<string, unknown>>, wanted: Limits): CommandCheck {
  const registered = { method: 'registered', arguments: { taskinfoitems: Object.keys(wanted), builtins: true } };
  return {
    ...{ arguments: sent, before: registered, after: registered, limitMs: LIMIT_MS },
    refuse: (before) => (Array.isArray(before) && limitsOf(before, task) === null ? `it knows no task ${task}` : null),
    judge(_, after) {
      const found = limitsOf(after, task);
      if (found === null) return { seen: false, text: `it does not tell the limits of ${task}` };
      const told = Object.keys(wanted).map((name) => `${name.replaceAll('_', ' ')} ${found[name] ?? 'none'}`);
      return {
        seen: Object.entries(wanted).every(([name, value]) => isLimit(found[name], value)),
        text: `${task} has ${andList(told)}`,
      };
    },
  };
}

/** Of `lab.add [rate_limit=10/m time_limit=30]`; null = the worker does not know the task. */
function limitsOf(answer: unknown, task: string): Readonly<Record<string, string>> | null {
  const line = Array.isArray(answer)
    ? answer.find((one) => one === task || String(one).startsWith(`${task} [`))
    : undefined;
  if (line === undefined) return null;
  const told = String(line).slice(task.length + 2, -1);
  return Object.fromEntries(
    told.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function isLimit(told: string | undefined, wanted: string | number | null): boolean {
  if (told === undefined || wanted === null) return told === undefined && wanted === null;
  return typeof wanted === 'number' ? Number(told) === wanted : told === wanted;
}

/** A worker says `already` where there was nothing left to do: told again, it says so if the first time worked. */
function events(method: string, word: string): CommandCheck {
  return {
    ...{ arguments: {}, before: ping, after: { method, arguments: {} }, refuse: never, limitMs: LIMIT_MS },
    judge(_, after) {
      const said = objectOf(after)?.ok;
      const seen = typeof said === 'string' && said.includes('already');
      return {
        seen,
        text: seen ? `asked again, it says that task events are ${word}` : 'it does not say so when asked again',
      };
    },
  };
}
