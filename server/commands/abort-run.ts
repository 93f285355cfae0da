/** Somebody calls a run off. */
import type { Effect, Gated } from '#server/http/gate.ts';
import type { DrillContext } from './answer-drills.ts';

/** What it did is taken back; the answer does not wait for that. @throws as `Drills.abort` */
export async function abortRun(ctx: DrillContext, id: string, { identity, reason }: Gated<unknown>): Promise<Effect> {
  const body = await ctx.drills.abort(id, identity.name, reason);
  return { status: 202, body, outcome: 'done', details: { run: id } };
}
