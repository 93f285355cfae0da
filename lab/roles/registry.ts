/** Which specification belongs to which member. */
import { type MemberId, placeOf, type Role } from '#lab/layout.ts';
import { beatRole, trafficRole, workerRole } from './celery.ts';
import { consulRole } from './consul.ts';
import { haproxyRole } from './haproxy.ts';
import { epmdCommand, rabbitmqRole } from './rabbitmq.ts';
import { redisRole, sentinelRole } from './redis.ts';
import type { Command, LabContext, LabFile, RestartRule, RoleSpec } from './role.ts';

const SPECS: Readonly<Record<Role, RoleSpec>> = {
  rabbitmq: rabbitmqRole,
  redis: redisRole,
  sentinel: sentinelRole,
  haproxy: haproxyRole,
  consul: consulRole,
  worker: workerRole,
  beat: beatRole,
  traffic: trafficRole,
};

/** A member's specification, bound to its host. */
export type MemberSpec = {
  readonly restart: RestartRule;
  readonly stopLimitMs: number;
  readonly files: readonly LabFile[];
  readonly command: Command;
};

/** The specification of one member. */
export function memberSpec(lab: LabContext, id: MemberId): MemberSpec {
  const place = placeOf(id);
  if (place === undefined) return { restart: 'always', stopLimitMs: 2_000, files: [], command: epmdCommand() };
  const spec = SPECS[place.role];
  return {
    restart: spec.restart,
    stopLimitMs: spec.stopLimitMs,
    files: spec.files(lab, place.host),
    command: spec.command(lab, place.host),
  };
}
