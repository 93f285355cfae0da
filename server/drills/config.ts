/** The drills' slice of trellis.yaml: when they may run, how they measure, and the commands that reach hosts. */
import { z } from 'zod';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write it as hours and minutes, for instance 22:30');
const zone = z.string().refine((name) => isZone(name), 'this is no time zone: write it as Europe/Zurich or UTC');

/** No drill begins from `from` until `to` (past midnight where that is earlier) on these days; a night counts to its evening. */
export const freezeWindow = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1),
  from: timeOfDay,
  to: timeOfDay,
  zone: zone.default('UTC'),
});
export type FreezeWindow = z.infer<typeof freezeWindow>;

/** What commands of the configuration can be told to do. */
export const EXECUTOR_VERBS = ['kill', 'start', 'pause', 'resume'] as const;
export type ExecutorVerb = (typeof EXECUTOR_VERBS)[number];

/** Kinds of things that a command can be aimed at. */
export const EXECUTOR_KINDS = [
  'hosts',
  'brokerNodes',
  'redisNodes',
  'proxies',
  'consulServers',
  'beats',
  'workers',
] as const;
export type ExecutorKind = (typeof EXECUTOR_KINDS)[number];

/** One command: a program and its arguments, never a shell. `{host}`, `{address}`, `{id}`, `{name}` and `{role}` are filled in. */
const argumentVector = z.array(z.string().min(1).max(1_000)).min(1).max(50);

export const drillsConfig = z.strictObject({
  /** False = nobody starts a drill here; plans can still be looked at. */
  enabled: z.boolean().default(true),
  /** After a drill the estate is left alone for so long. */
  coolDownSeconds: z.number().int().min(0).max(86_400).default(60),
  freeze: z.array(freezeWindow).default([]),
  canary: z
    .strictObject({
      perSecond: z.number().min(1).max(100).default(10),
      /** Name of a set of workers to the queue that its canaries go through; without any, the queues that workers consume. */
      queues: z.record(z.string().min(1), z.string().min(1).max(255)).default({}),
    })
    .prefault({}),
  /** What no network call can do. */
  executor: z
    .strictObject({
      command: z
        .partialRecord(z.enum(EXECUTOR_KINDS), z.partialRecord(z.enum(EXECUTOR_VERBS), argumentVector))
        .default({}),
    })
    .prefault({}),
});
export type DrillSettings = z.infer<typeof drillsConfig>;

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
