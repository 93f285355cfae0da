/** `/api/v1/findings`: what is wrong, what each finding means, and who is on it. Times are epoch ms. */
import { z } from 'zod';
import { type Acknowledgement, type Finding, SEVERITIES } from '#lib/model/finding.ts';
import { ACKNOWLEDGE_LIMITS } from './acknowledge-limits.ts';

const { byLetters, reasonLetters, hours } = ACKNOWLEDGE_LIMITS;
const idSchema = z.string().min(1).max(1_000);

/** POST to `/api/v1/findings/ack`: somebody knows of a finding and is on it. */
export const acknowledgeSchema = z.strictObject({
  /** Of the finding. */
  id: idSchema,
  by: z.string().trim().min(1, 'say who you are').max(byLetters),
  reason: z.string().trim().min(1, 'say why').max(reasonLetters),
  /** For how long from now. */
  hours: z.number().min(hours.min).max(hours.max),
});
export type Acknowledge = z.infer<typeof acknowledgeSchema>;

/** DELETE to the same address: nobody is on it any more. */
export const withdrawSchema = z.strictObject({ id: idSchema });
export type Withdraw = z.infer<typeof withdrawSchema>;

/** What both answer. */
export type Acknowledged = { acknowledged: Acknowledgement | null };

/** What a finding means in general; markdown of one paragraph each. */
export const findingCodeSchema = z.object({
  means: z.string(),
  mend: z.string(),
  severity: z.enum(SEVERITIES),
  posture: z.boolean(),
});
export type FindingCode = z.infer<typeof findingCodeSchema>;

/** What GET answers. */
export type FindingsAnswer = {
  now: number;
  /** The gravest first. */
  findings: readonly Finding[];
  /** Every code that there is, whether found or not. */
  codes: Readonly<Record<string, FindingCode>>;
};
