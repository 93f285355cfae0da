/** How Trellis names the parts of the lab: `<kind>/<id>`. Pure. */
import { ADDRESSES, type Host, numberOf, PORTS, REDIS_MASTER_NAME, type Role, rabbitNode } from '#lab/layout.ts';

/** Trellis's id of what plays a role on a host. */
export function partId(role: Exclude<Role, 'traffic'>, host: Host): string {
  switch (role) {
    case 'rabbitmq':
      return rabbitNode(host);
    case 'redis':
      return `${REDIS_MASTER_NAME}/${ADDRESSES[host]}:${PORTS.redis}`;
    case 'sentinel':
      return `${ADDRESSES[host]}:${PORTS.sentinel}`;
    case 'haproxy':
      return `haproxy-${numberOf(host)}`;
    case 'consul':
      return `consul-${numberOf(host)}`;
    case 'worker':
      return `celery@${host}`;
    case 'beat':
      return `beat@${host}`;
  }
}

const KINDS = {
  rabbitmq: 'brokerNodes',
  redis: 'redisNodes',
  sentinel: 'sentinels',
  haproxy: 'proxies',
  consul: 'consulServers',
  worker: 'workers',
  beat: 'beats',
} as const;

/** `brokerNodes/rabbit-1@host-1`; without a role the host: `hosts/host-1`. */
export function subjectOf(host: Host, role?: Exclude<Role, 'traffic'>): string {
  return role === undefined ? `hosts/${host}` : `${KINDS[role]}/${partId(role, host)}`;
}
