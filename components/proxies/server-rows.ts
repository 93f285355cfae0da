/** The servers of a backend as rows of a table. */
import { settle } from '#lib/model/claims.ts';
import type { ProxyBackend, ProxyServer } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { brokerNodeStatus, redisNodeStatus, type Shown } from '#lib/model/status.ts';
import { serverName } from './words.ts';

/** One server, with what is known of the thing behind it. */
export type ServerRow = { server: ProxyServer; shown: Shown; targetName: string; isServing: boolean; isFresh: boolean };

/** The rows of a backend, in HAProxy's order. What a silent proxy said is stale. */
export function serverRows(backend: ProxyBackend, isFresh: boolean, model: Model, now: number): ServerRow[] {
  return backend.servers.map((server) => {
    const shown = serverShown(server, model, now);
    return {
      server,
      shown: isFresh ? shown : { ...shown, status: 'stale' },
      targetName: serverName(server, model),
      isServing: backend.serving.includes(server.name),
      isFresh,
    };
  });
}

function serverShown(server: ProxyServer, model: Model, now: number): Shown {
  const { status, usable } = server;
  if (/^(MAINT|DRAIN|NOLB)/.test(status)) return { status: 'maintenance', word: status };
  if (status === 'no check') return { status: 'unknown', word: status };
  const fault = usable ? hiddenFault(server, model, now) : null;
  if (fault !== null) return { status: 'degraded', word: `TCP check passes, node ${fault}` };
  // `UP 1/3`: its checks fail already, and it still gets connections.
  if (usable) return { status: status === 'UP' ? 'ok' : 'degraded', word: status };
  return isStandby(server, model, now) ? { status: 'ok', word: 'standby' } : { status: 'down', word: status };
}

/** What is wrong with a broker node that HAProxy only knocks at: a hung one takes every connection, and serves none. */
function hiddenFault({ checkStatus, target }: ProxyServer, model: Model, now: number): string | null {
  const node = target?.kind === 'brokerNodes' ? model.brokerNodes[target.id] : undefined;
  if (node === undefined || checkStatus !== 'L4OK') return null;
  const { status, word } = brokerNodeStatus(node, model, now);
  return status === 'down' ? word : null;
}

/** A replica that fails the check for `role:master` does what it should. */
function isStandby({ target }: ProxyServer, model: Model, now: number): boolean {
  const node = target?.kind === 'redisNodes' ? model.redisNodes[target.id] : undefined;
  if (node === undefined || redisNodeStatus(node, model, now).status === 'down') return false;
  return settle(node.role, model.readings, now).value === 'replica';
}
