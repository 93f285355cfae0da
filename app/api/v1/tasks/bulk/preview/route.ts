import { bulkPreviewSchema } from '#lib/contract/control.ts';
import { answerAct } from '#server/commands/answer-act.ts';
import { BULK_TARGET, previewBulk } from '#server/commands/bulk-tasks.ts';
import { readJson } from '#server/http/request.ts';
import { json } from '#server/http/respond.ts';

/** What a bulk action would be done to: a question too long for an address, which changes nothing. */
export function POST(request: Request): Promise<Response> {
  return answerAct(request, { action: null, target: BULK_TARGET }, async (context) => {
    const read = await readJson(request, bulkPreviewSchema);
    return 'refused' in read ? read.refused : json(await previewBulk(context, read.body));
  });
}
