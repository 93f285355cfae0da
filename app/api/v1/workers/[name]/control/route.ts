import { actionOfCommand, EVERY_WORKER, workerCommandSchema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { commandTarget, controlWorker } from '#server/commands/control-worker.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Commands the worker of the address, or all where it is `all` and the body's worker is null. */
export function POST(request: Request): Promise<Response> {
  const name = pathStep(request, 1);
  const schema = workerCommandSchema.refine(({ worker }) => (worker ?? EVERY_WORKER) === name, {
    path: ['worker'],
    message: 'it is another one in the address',
  });
  const rule = { action: actionOfCommand, schema, target: commandTarget, statuses: ACT_STATUSES };
  return gated(request, rule, async (gate) => begun(runtime(), controlWorker(runtime(), gate)));
}
