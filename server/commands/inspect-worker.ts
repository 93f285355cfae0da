/** Somebody asks a worker. */
import { EVERY_WORKER, type InspectAnswer, type InspectQuery } from '#lib/contract/control.ts';
import { type ActContext, actError, handsOf } from './act.ts';

const NODE_NAME = /^[^@\s]{1,200}@[^@\s]{1,200}$/;

/** Its answer. @throws Error with code CELERY_OFF, INPUT_INVALID, INSPECT_BUSY or BROKER_UNREACHABLE */
export async function inspectWorker(ctx: ActContext, worker: string, query: InspectQuery): Promise<InspectAnswer> {
  if (worker !== EVERY_WORKER && !NODE_NAME.test(worker))
    throw actError('INPUT_INVALID', `${worker} is no name of a worker: write it as Celery does, celery@host`);
  const answer = await handsOf(ctx).inspections.ask(worker, query);
  return { now: ctx.clock(), ...answer };
}
