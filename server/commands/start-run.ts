/** Somebody starts a drill. */
import type { StartRun } from '#lib/contract/drills.ts';
import { targetOfRun } from '#server/drills/start-drills.ts';
import type { Effect, Gated } from '#server/http/gate.ts';
import type { DrillContext } from './answer-drills.ts';

/** Begins it; the run has the id of the write in the audit. @throws as `Drills.start` */
export async function startRun(ctx: DrillContext, gated: Gated<StartRun>): Promise<Effect> {
  const { identity, body, reason, request } = gated;
  const answer = await ctx.drills.start(body, { id: request, actor: identity.name, role: identity.role, reason });
  const { id, drill, target } = answer.run;
  return {
    status: 202,
    body: answer,
    outcome: 'not-verified',
    details: { run: id, about: targetOfRun(drill, target) },
  };
}
