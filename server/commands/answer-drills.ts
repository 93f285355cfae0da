/** Answers of the drills' routes: what a command throws with a known code becomes a problem with its status. */
import { DRILL_IDS, type DrillId } from '#lib/model/drill.ts';
import { DRILL_STATUSES, drillError } from '#server/drills/drill-error.ts';
import type { Drills } from '#server/drills/drills.ts';
import { admit } from '#server/http/pass-gate.ts';
import { problem } from '#server/http/respond.ts';
import { type Runtime, runtime } from '#server/runtime/slot.ts';

/** As much of the running Trellis as these commands need. */
export type DrillContext = Pick<Runtime, 'clock'> & { drills: Drills };

/** Lets everybody look who may ask at all, and does the work on the running Trellis. */
export async function answerDrills(
  request: Request,
  respond: (context: DrillContext) => Promise<Response>,
): Promise<Response> {
  const context = runtime();
  const caller = await admit(context, request, null);
  if (caller instanceof Response) return caller;
  try {
    return await respond(context);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'string' || !Object.hasOwn(DRILL_STATUSES, code)) throw error;
    return problem(DRILL_STATUSES[code as keyof typeof DRILL_STATUSES], code, message);
  }
}

/** The drill of that id. @throws Error with code DRILL_UNKNOWN */
export function drillOf(id: string | null): DrillId {
  const found = DRILL_IDS.find((one) => one === id);
  if (found === undefined)
    throw drillError('DRILL_UNKNOWN', `There is no drill ${id}. There are: ${DRILL_IDS.join(', ')}.`);
  return found;
}
