/** What an accepted event looks like, said once more as a schema: the parser of the hot path is checked against it. Pure. */
import { z } from 'zod';
import { NAME_LIMIT, RETRIES_LIMIT } from './events.ts';

const name = z.string().min(1).max(NAME_LIMIT);
const short = z.string().max(NAME_LIMIT);
const id = name.refine((text) => text.isWellFormed() && !text.includes('\0'));
/** Epoch seconds that a Date can say. */
const seconds = z.number().min(0).max(8.64e12);
const amount = z.number().min(0);
const count = z.int().min(0);
const flag = z.boolean();

/** Of another type, or absent: it does not tell. A text that is too long is refused. */
const named = z.union([short, z.unknown().refine((value) => typeof value !== 'string')]);
/** What does not fit is not told. */
const told = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const worker = z.object({
  type: z.enum(['worker-online', 'worker-heartbeat', 'worker-offline']),
  hostname: name,
  ...{ timestamp: told(seconds), pid: told(count), clock: told(count), freq: told(amount), active: told(count) },
  ...{ processed: told(count), loadavg: told(z.tuple([amount, amount, amount])) },
  ...{ sw_ident: told(name), sw_ver: told(name), sw_sys: told(name) },
});

const task = z.object({
  type: short.regex(/^task-[\s\S]+$/),
  uuid: id,
  timestamp: seconds,
  hostname: named,
  name: named,
  ...{ pid: told(count), retries: told(count.max(RETRIES_LIMIT)), args: told(z.string()), kwargs: told(z.string()) },
  ...{ queue: told(name), exchange: told(short), routing_key: told(short), result: told(z.string()) },
  ...{ exception: told(z.string()), traceback: told(z.string()), runtime: told(amount) },
  ...{ eta: told(z.string()), expires: told(z.string()), root_id: told(name), parent_id: told(name) },
  ...{ group_id: told(name), terminated: told(flag), expired: told(flag), requeue: told(flag) },
});

/** An event that is taken; what it tells of no interest is left out. */
export const acceptedEventSchema = z.union([task, worker]);
