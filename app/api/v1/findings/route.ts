import { byGravity } from '#lib/model/finding.ts';
import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** What is wrong now, the gravest first, and what every code means. */
export function GET(): Response {
  const { clock, watch, findingCodes: codes } = runtime();
  return json({ now: clock(), findings: Object.values(watch.model.findings).sort(byGravity), codes });
}
