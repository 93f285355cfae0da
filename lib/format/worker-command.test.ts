import { expect, test } from 'vitest';
import { type WorkerCommand, workerCommandSchema } from '#lib/contract/control.ts';
import { effectOfCommand, needsName, titleOfCommand } from './worker-command.ts';

const worker = 'celery@host-1';
const COMMANDS: readonly WorkerCommand[] = [
  { method: 'pool_grow', worker, n: 1 },
  { method: 'pool_shrink', worker, n: 3 },
  { method: 'pool_restart', worker },
  { method: 'autoscale', worker, min: 1, max: 4 },
  { method: 'add_consumer', worker, queue: 'mail' },
  { method: 'cancel_consumer', worker, queue: 'mail' },
  { method: 'rate_limit', worker, task: 'lab.add', rate: '10/m' },
  { method: 'time_limit', worker: null, task: 'lab.add', soft: 30, hard: 60 },
  { method: 'enable_events', worker },
  { method: 'disable_events', worker },
  { method: 'shutdown', worker },
  { method: 'drain', worker, waitSeconds: 600 },
];

const effect = (command: WorkerCommand) => effectOfCommand(command).join(' ');

test('every command has a title of its own and says what will happen', () => {
  expect(new Set(COMMANDS.map(({ method }) => method)).size).toBe(workerCommandSchema.options.length);
  expect(new Set(COMMANDS.map(titleOfCommand)).size).toBe(COMMANDS.length);
  for (const command of COMMANDS) expect(effect(command)).toMatch(/^\S.+\.$/);
});

test('only what no button brings back asks for the name', () => {
  expect(COMMANDS.filter(needsName).map(({ method }) => method)).toEqual(['shutdown', 'drain']);
});

test('numbers stand in the words as they were chosen', () => {
  expect(effect({ method: 'pool_grow', worker, n: 1 })).toContain('1 process more');
  expect(effect({ method: 'pool_shrink', worker, n: 3 })).toContain('3 processes');
  expect(effect({ method: 'drain', worker, waitSeconds: 3_600 })).toContain('up to 1 h');
  expect(effect({ method: 'rate_limit', worker, task: 'a', rate: '10/m' })).toContain('10 a minute');
  expect(effect({ method: 'rate_limit', worker, task: 'a', rate: '5' })).toContain('5 a second');
  expect(effect({ method: 'rate_limit', worker, task: 'a', rate: '0' })).toContain('without a limit');
  expect(effect({ method: 'time_limit', worker: null, task: 'a', soft: null, hard: 60 })).toMatch(
    /every worker, a is killed after 1 min/,
  );
});
