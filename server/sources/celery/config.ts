/** Celery's slice of trellis.yaml: how its events are taken in. `celery: {}` turns it on with everything at its default. */
import { z } from 'zod';
import { EVENT_QUEUE, OWN_QUEUE_PREFIX } from '#lib/model/queues.ts';
import { secret } from '#server/config/fields.ts';
import { WANTED_MODES } from '#server/ingest/queue.ts';

const GIB = 1024 ** 3;

const eventsConfig = z.strictObject({
  /** The queue in which events wait while Trellis is away. */
  queue: z
    .string()
    .max(200)
    .startsWith(OWN_QUEUE_PREFIX, `begin it with ${OWN_QUEUE_PREFIX} so that it is not taken for a queue of tasks`)
    .default(EVENT_QUEUE),
  mode: z.enum(WANTED_MODES).default('auto'),
  /** Celery's setting `event_exchange`. */
  exchange: z.string().min(1).max(255).default('celeryev'),
  /** The oldest events are dropped beyond this. */
  maxBytes: z.number().int().min(1_000_000).default(GIB),
  /** Tells workers that send no task events to send them; takes `acting.rabbitmq`. */
  enable: z.boolean().default(false),
});

export const celeryConfig = z
  .strictObject({
    events: eventsConfig.prefault({}),
    /** Where Celery's exchanges are; the first of `rabbitmq.vhosts` unless told. */
    vhost: z.string().min(1).optional(),
    /** Those of `rabbitmq` unless told. */
    user: z.string().min(1).optional(),
    password: secret.optional(),
    results: z
      .strictObject({
        /** The name under `redis:` of the store that keeps results; the first unless told. */
        service: z.string().min(1).optional(),
        /** Its database; that of `entrances.results` unless told, else 0. */
        db: z.number().int().min(0).max(65_535).optional(),
        /** Celery's `global_keyprefix` of the result store. */
        keyPrefix: z.string().max(200).default(''),
      })
      .prefault({}),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), 'give both user and password');
export type CeleryConfig = z.infer<typeof celeryConfig>;
