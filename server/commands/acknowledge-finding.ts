/** Somebody says that they know of a finding, or withdraws that. It changes nothing outside Trellis. */
import type { Acknowledge, Acknowledged, Withdraw } from '#lib/contract/findings.ts';
import type { Runtime } from '#server/runtime/slot.ts';

export type AcknowledgeContext = Pick<Runtime, 'acknowledgements' | 'clock' | 'watch'>;

const HOUR_MS = 3_600_000;

/** @throws Error with code FINDING_UNKNOWN (nothing of that id is found now) or HISTORY_UNAVAILABLE */
export async function acknowledgeFinding(ctx: AcknowledgeContext, input: Acknowledge): Promise<Acknowledged> {
  const { id, by, reason, hours } = input;
  if (!Object.hasOwn(ctx.watch.model.findings, id))
    throw Object.assign(new Error(`There is no finding ${id} now.`), { code: 'FINDING_UNKNOWN' });
  const at = ctx.clock();
  const acknowledged = { by, reason, at, until: Math.round(at + hours * HOUR_MS) };
  await ctx.acknowledgements.set(id, acknowledged);
  return { acknowledged };
}

/** What was not acknowledged stays so. @throws Error with code HISTORY_UNAVAILABLE */
export async function withdrawAcknowledgement(ctx: AcknowledgeContext, { id }: Withdraw): Promise<Acknowledged> {
  await ctx.acknowledgements.set(id, null);
  return { acknowledged: null };
}
