/** RabbitMQ's management API, one client for each node; every request is counted. */
import { getBody } from '#server/sources/http-json.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import type { RabbitmqConfig } from './config.ts';

export type Member = {
  /** RabbitMQ's node name. */
  name: string;
  /** Asks this node. The path begins with `/api/`; the body of status `alsoAccept` is an answer too. @throws ProbeError or fetch's errors */
  get(path: string, signal: AbortSignal, alsoAccept?: number): Promise<{ body: Buffer; bytes: number }>;
};

/** A client for each configured node. */
export function membersOf(config: RabbitmqConfig, requests: RequestLog): Member[] {
  const authorization = `Basic ${Buffer.from(`${config.user}:${config.password as string}`).toString('base64')}`;
  return Object.entries(config.nodes).map(([name, node]) => {
    const base = node.management.replace(/\/$/, '');
    return {
      name,
      async get(path, signal, alsoAccept) {
        requests.sent(name);
        let bytes = 0;
        const onBytes = (size: number) => {
          bytes = size;
        };
        const accept = alsoAccept === undefined ? {} : { alsoAccept };
        const body = await getBody(`${base}${path}`, { headers: { authorization }, signal, onBytes, ...accept });
        return { body, bytes };
      },
    };
  });
}
