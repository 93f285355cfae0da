/** The schema of trellis.yaml. Every source brings its own slice; unknown keys are refused everywhere. */
import { z } from 'zod';
import { ACTION_IDS } from '#lib/permissions.ts';
import { MASKED_NAMES } from '#server/celery/mask.ts';
import { drillsConfig } from '#server/drills/config.ts';
import { celeryConfig } from '#server/sources/celery/config.ts';
import { consulConfig } from '#server/sources/consul/config.ts';
import { haproxyConfig } from '#server/sources/haproxy/config.ts';
import { rabbitmqConfig } from '#server/sources/rabbitmq/config.ts';
import { redisConfig } from '#server/sources/redis/config.ts';
import { actingConfig } from './acting.ts';
import { addressPort, expression, hostName } from './fields.ts';

const GIB = 1024 ** 3;

export const COLOURS = ['blue', 'green', 'amber', 'red', 'grey'] as const;

export const configSchema = z.strictObject({
  estate: z.strictObject({ name: z.string().min(1).max(40), colour: z.enum(COLOURS).default('grey') }),
  listen: addressPort.default('127.0.0.1:3000'),
  /** Further names that Trellis is asked by: those of a proxy on this machine. Loopback names always count. */
  allowedHosts: z.array(hostName).default([]),
  /** Refuses every write that reaches outside of Trellis, to everybody. */
  readOnly: z.boolean().default(false),
  /** Actions that nobody may do here, by their ids (lib/permissions.ts). */
  disabled: z.array(z.enum(ACTION_IDS)).default([]),
  /** Flower's dialect under /flower. Its writes are off unless they are asked for, and then need a token. */
  flower: z.strictObject({ writes: z.boolean().default(false) }).prefault({}),
  /** Where Trellis keeps its own data; relative paths are relative to this file. */
  dataDir: z.string().min(1).default('.data'),
  /** How long, and how much of, the history is kept. */
  history: z
    .strictObject({
      keepDays: z.number().int().min(1).max(36_500).default(400),
      keepRows: z.number().int().min(1_000).default(1_000_000),
    })
    .prefault({}),
  /** How long, and how much of, the tasks are kept: whichever bound is reached first. */
  tasks: z
    .strictObject({
      keepDays: z.number().int().min(1).max(36_500).default(30),
      keepRows: z.number().int().min(1_000).default(5_000_000),
      keepBytes: z
        .number()
        .int()
        .min(10_000_000)
        .default(20 * GIB),
      /** Values under names that one of these finds, whatever the case, are never stored. [] = all are. */
      mask: z
        .array(expression)
        .max(100)
        .default([...MASKED_NAMES]),
    })
    .prefault({}),
  /** Host name to address; an entity belongs to the host whose address it has. */
  hosts: z.record(z.string().min(1), z.string().min(1)).default({}),
  rabbitmq: rabbitmqConfig.optional(),
  redis: redisConfig.optional(),
  haproxy: haproxyConfig.optional(),
  consul: consulConfig.optional(),
  /** Absent = no task history: Trellis then declares nothing on the broker. */
  celery: celeryConfig.optional(),
  /** What applications use; drills send their canaries through these. */
  entrances: z.strictObject({ broker: z.array(z.string()).min(1), results: z.string() }).optional(),
  /** Failing over on purpose: when, how it is measured, and the commands that reach hosts. */
  drills: drillsConfig.prefault({}),
  /** Credentials for acting. Absent = Trellis can only look. */
  acting: actingConfig.optional(),
});

export type Config = z.infer<typeof configSchema>;
