/** Commands to workers in words: what a button says, and what will happen. Pure. */
import type { WorkerCommand } from '#lib/contract/control.ts';
import { formatDuration } from './task.ts';

/** In the words of a button: `Grow pool by 2`. */
export function titleOfCommand(command: WorkerCommand): string {
  switch (command.method) {
    case 'pool_grow':
      return `Grow pool by ${command.n}`;
    case 'pool_shrink':
      return `Shrink pool by ${command.n}`;
    case 'pool_restart':
      return 'Restart pool';
    case 'autoscale':
      return `Autoscale between ${command.min} and ${command.max}`;
    case 'add_consumer':
      return `Consume ${command.queue}`;
    case 'cancel_consumer':
      return `Stop consuming ${command.queue}`;
    case 'rate_limit':
      return `Limit the rate of ${command.task}`;
    case 'time_limit':
      return `Limit the time of ${command.task}`;
    case 'enable_events':
      return 'Turn task events on';
    case 'disable_events':
      return 'Turn task events off';
    case 'shutdown':
      return 'Shut down';
    case 'drain':
      return 'Drain';
  }
}

/** What will happen, in sentences. */
export function effectOfCommand(command: WorkerCommand): readonly string[] {
  const lasts = 'It holds until the worker restarts.';
  switch (command.method) {
    case 'pool_grow':
      return [`The pool gets ${processes(command.n)} more, and the worker prefetches more tasks accordingly.`, lasts];
    case 'pool_shrink':
      return [
        `The pool loses ${processes(command.n)}. A process that runs a task may be waited for; tasks are not ended.`,
        lasts,
      ];
    case 'pool_restart':
      return [
        'Every process of the pool is replaced. Tasks that run are ended: with late acknowledgement they run again, else they are lost.',
        'The worker refuses unless worker_pool_restarts is on.',
      ];
    case 'autoscale':
      return [
        `The worker keeps between ${command.min} and ${processes(command.max)}, by load. It refuses unless it was started with --autoscale.`,
        lasts,
      ];
    case 'add_consumer':
      return [`The worker takes tasks from ${command.queue} too. A queue that is not there is declared.`, lasts];
    case 'cancel_consumer':
      return [
        `The worker takes no more tasks from ${command.queue}. Those that it has already prefetched still run here.`,
        'If no other worker consumes the queue, its tasks wait.',
        lasts,
      ];
    case 'rate_limit':
      return [
        command.rate === '0'
          ? `${command.task} runs on ${whom(command.worker)} without a limit of rate.`
          : `At most ${rateWords(command.rate)} of ${command.task} start on ${whom(command.worker)}. Each worker counts for itself; those that wait keep their place in it.`,
        lasts,
      ];
    case 'time_limit':
      return [
        `On ${whom(command.worker)}, ${command.task} ${timeLimitWords(command.soft, command.hard)}. Tasks that run already keep their limits.`,
        lasts,
      ];
    case 'enable_events':
      return ['The worker tells of every task from now on: Trellis sees what it does.', lasts];
    case 'disable_events':
      return [
        'The worker no longer tells of its tasks: Trellis sees them only in the result store, or not at all.',
        lasts,
      ];
    case 'shutdown':
      return [
        'The worker stops taking tasks, finishes those that run, gives prefetched ones back, and ends.',
        'A supervisor may start it again. Trellis cannot.',
      ];
    case 'drain':
      return [
        `First its consumers are cancelled, then Trellis waits up to ${formatDuration(command.waitSeconds * 1_000)} until nothing is active, reserved or scheduled, then the worker is shut down.`,
        'If it is not idle by then it goes on running without consumers, and you are offered to add them again.',
        'A supervisor may start it again. Trellis cannot.',
      ];
  }
}

/** Whether it ends something that no button brings back: then the worker's name is typed. */
export function needsName({ method }: Pick<WorkerCommand, 'method'>): boolean {
  return method === 'shutdown' || method === 'drain';
}

function processes(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}

function whom(worker: string | null): string {
  return worker ?? 'every worker';
}

/** `10/m` is ten a minute; a bare number is by the second. */
function rateWords(rate: string): string {
  const [count = rate, unit = 's'] = rate.split('/');
  const units: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour' };
  return `${count} a ${units[unit] ?? unit}`;
}

function timeLimitWords(soft: number | null, hard: number | null): string {
  if (soft === null && hard === null) return 'has no time limit';
  return [
    ...(soft === null ? [] : [`is asked to stop after ${formatDuration(soft * 1_000)}`]),
    ...(hard === null ? [] : [`is killed after ${formatDuration(hard * 1_000)}`]),
  ].join(' and ');
}
