/** Somebody has the rest of a lost run taken back. */
import type { Effect } from '#server/http/gate.ts';
import type { DrillContext } from './answer-drills.ts';

/** Waits until it is taken back. @throws as `Drills.undo` */
export async function undoLostRun(ctx: DrillContext, id: string): Promise<Effect> {
  const body = await ctx.drills.undo(id);
  return {
    body,
    outcome: 'verified',
    details: { run: id, took: body.run.steps.filter(({ state }) => state === 'undone') },
  };
}
