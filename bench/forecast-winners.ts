/** Who has which role now, by the backends' own word. Names as Trellis has them; null = nobody, or nobody tells. */
import { ADDRESSES, BEAT_LOCK, type Host, numberOf, PORTS } from '#lab/layout.ts';
import { beatHolder, consulLeader } from '#lab/probes/consul.ts';
import { masterHost } from '#lab/probes/redis.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { partId } from './findings-subjects.ts';
import { LED_QUEUE } from './probe.ts';
import { basic } from './witness-broker.ts';
import { askHaproxy } from './witness-proxy.ts';

const ANSWER_LIMIT_MS = 2_000;

/** The roles of the estate as a whole. */
export type Roles = { readonly master: Host; readonly leader: Host; readonly holder: Host };

/** Who has them. @throws Error where one is vacant */
export async function rolesNow(): Promise<Roles> {
  const [master, leader, holder] = await Promise.all([masterHost(), consulLeader(), beatHolder()]);
  return { master, leader, holder };
}

/** The winners by layer (`publish` by proxy) of a forecast, asked of the hosts that live. */
export async function winnersNow(
  lab: LabContext,
  proxies: readonly Host[],
  brokers: readonly Host[],
): Promise<Record<string, string | null>> {
  const named = async (role: 'redis' | 'consul' | 'beat', host: Promise<Host>) =>
    orNull(async () => partId(role, await host));
  const [queues, results, coordination, schedule, serving] = await Promise.all([
    orNull(() => queueLeader(lab, brokers, LED_QUEUE)),
    named('redis', masterHost()),
    named('consul', consulLeader()),
    named('beat', beatHolder()),
    Promise.all(
      proxies.map(
        async (host) => [`publish haproxy-${numberOf(host)}`, await orNull(() => servingBroker(host))] as const,
      ),
    ),
  ]);
  return { queues, results, coordination, schedule, ...Object.fromEntries(serving) };
}

/** The session that holds the beat lock, in the view of any of these agents; null = nobody holds it, or none tells. */
export function lockSession(agents: readonly Host[]): Promise<string | null> {
  return orNull(() =>
    Promise.any(
      agents.map(async (host) => {
        const url = `http://${ADDRESSES[host]}:${PORTS.consulHttp}/v1/kv/${BEAT_LOCK}/.lock`;
        const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
        const [key] = (await response.json()) as { Session?: string }[];
        return key?.Session ?? null;
      }),
    ),
  );
}

/** The node that leads a queue, by the first management API that answers. @throws Error when none does */
export function queueLeader(lab: LabContext, brokers: readonly Host[], queue: string): Promise<string | null> {
  return Promise.any(
    brokers.map(async (host) => {
      const url = `http://${ADDRESSES[host]}:${PORTS.management}/api/queues/%2F?disable_stats=true`;
      const headers = { authorization: basic(lab) };
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      const queues = (await response.json()) as { name: string; node?: string }[];
      return queues.find(({ name }) => name === queue)?.node ?? null;
    }),
  );
}

/** The server that a proxy sends AMQP to: the first usable active one, else the first usable backup. */
async function servingBroker(host: Host): Promise<string | null> {
  return servingOf(await askHaproxy(host, 'show stat'));
}

/** As `servingBroker`, from HAProxy's statistics (CSV). Pure. */
export function servingOf(csv: string): string | null {
  const [header = '', ...lines] = csv.split('\n');
  const names = header.replace(/^# /, '').split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    return (name: string) => cells[names.indexOf(name)] ?? '';
  });
  const usable = rows.filter(
    (cell) => cell('pxname') === 'amqp' && cell('type') === '2' && cell('status').startsWith('UP'),
  );
  const first = usable.find((cell) => cell('act') === '1') ?? usable[0];
  return first?.('svname') ?? null;
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
