import { bulkSchema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { BULK_TARGET, bulkAction, runBulk } from '#server/commands/bulk-tasks.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Revokes or retries all tasks under a filter, if they are those of the preview. */
export function POST(request: Request): Promise<Response> {
  const rule = { action: bulkAction, schema: bulkSchema, target: () => BULK_TARGET, statuses: ACT_STATUSES };
  return gated(request, rule, async (gate) => begun(runtime(), await runBulk(runtime(), gate)));
}
