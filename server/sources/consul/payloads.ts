/** What Trellis keeps of Consul's answers (1.8 and newer). */
import { z } from 'zod';

export const leaderPayload = z.string();

/** Serf's member states by number. */
export const MEMBER_ALIVE = 1;

export const membersPayload = z.array(
  z.object({
    Name: z.string(),
    Addr: z.string(),
    Status: z.number(),
    Tags: z.record(z.string(), z.string()).default({}),
  }),
);
export type MembersPayload = z.infer<typeof membersPayload>;

export const raftPayload = z.object({
  Servers: z.array(z.object({ Node: z.string(), Address: z.string(), Voter: z.boolean() })),
});
export type RaftPayload = z.infer<typeof raftPayload>;

/** Times are left as they are told: TTL `15s`, the lock delay in nanoseconds or, from older servers, as `15s`. */
export const sessionsPayload = z.array(
  z.object({
    ID: z.string(),
    Name: z.string().default(''),
    Node: z.string(),
    TTL: z.string().optional(),
    LockDelay: z.union([z.number(), z.string()]).optional(),
  }),
);

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** Milliseconds of a duration as Go writes it (`1m30s`) or counts it (nanoseconds); null = none. */
export function goDurationMs(told: number | string | undefined): number | null {
  if (told === undefined || told === '') return null;
  if (typeof told === 'number') return told / 1e6;
  const parts = [...told.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([part]) => part).join('') !== told) return null;
  return parts.reduce((sum, [, digits, unit = '']) => sum + Number(digits) * (UNIT_MS[unit] ?? 0), 0);
}

/** The key of a lock. `Flags` is left alone: a lock's flags exceed 2^53 and arrive rounded. */
export const lockKeyPayload = z.object({ Session: z.string().optional(), LockIndex: z.number() }).nullish();

export type LocksPayload = {
  sessions: z.infer<typeof sessionsPayload>;
  locks: { id: string; key: string; session: string | null; lockIndex: number | null }[];
};

export const autopilotPayload = z.object({
  Healthy: z.boolean(),
  FailureTolerance: z.number(),
  Servers: z.array(z.object({ Name: z.string(), Healthy: z.boolean() })).default([]),
});
export type AutopilotPayload = z.infer<typeof autopilotPayload>;

export const checksPayload = z.array(
  z.object({
    Node: z.string(),
    CheckID: z.string(),
    Name: z.string(),
    Status: z.string(),
    Output: z.string().default(''),
    ServiceID: z.string().default(''),
    ServiceName: z.string().default(''),
  }),
);
export type ChecksPayload = z.infer<typeof checksPayload>;

/** Entries of the key-value store; of a value only its size is kept (base64: four characters for three bytes). */
export const keysPayload = z.array(
  z
    .object({
      Key: z.string(),
      Session: z.string().optional(),
      ModifyIndex: z.number(),
      Value: z.string().nullish(),
    })
    .transform(({ Key, Session, ModifyIndex, Value }) => ({
      key: Key,
      session: Session ?? null,
      modifyIndex: ModifyIndex,
      bytes: Buffer.byteLength(Value ?? '', 'base64'),
    })),
);
export type KeysPayload = z.infer<typeof keysPayload>;

export const selfPayload = z.object({ Config: z.object({ Version: z.string() }) });
