/** Reads every HAProxy's statistics. */
import { ADDRESSES, HOSTS, type Host, memberId, numberOf, PORTS } from '#lab/layout.ts';
import { getText, reason } from './http.ts';
import type { Problem } from './problem.ts';

/** Every HAProxy has its own broker and the two backups up, and exactly one Redis. */
export async function proxyProblems(): Promise<readonly Problem[]> {
  const answers = await Promise.all(HOSTS.map((host) => proxyProblem(host)));
  return answers.flatMap((what, index) =>
    what === undefined ? [] : [{ what, members: [memberId(HOSTS[index] as Host, 'haproxy')] }],
  );
}

async function proxyProblem(host: Host): Promise<string | undefined> {
  try {
    const trouble = proxyTrouble(await getText(`http://${ADDRESSES[host]}:${PORTS.proxyStats}/;csv`));
    return trouble && `HAProxy on ${host} ${trouble}`;
  } catch (error) {
    return `HAProxy on ${host} does not answer: ${reason(error)}`;
  }
}

/** What an HAProxy's statistics (CSV) lack; `undefined` when it is in order. Pure. */
export function proxyTrouble(csv: string): string | undefined {
  const rows = parseStats(csv);
  const up = (proxy: string) =>
    rows.filter((row) => row.get('pxname') === proxy && /^UP\b/.test(row.get('status') ?? '') && isServer(row));
  // Right after its start HAProxy calls every server UP; it has looked only where a check result stands (behind a
  // star while the next check is under way).
  const checked = (row: ReadonlyMap<string, string>) => /^(\* )?L[47]OK/.test(row.get('check_status') ?? '');
  const brokers = up('amqp')
    .filter(checked)
    .map((row) => row.get('svname'));
  const missing = HOSTS.map((peer) => `rabbit-${numberOf(peer)}`).filter((name) => !brokers.includes(name));
  if (missing.length > 0) return `does not have ${missing.join(', ')} up`;
  const stores = up('redis');
  if (stores.length === 1 && stores.every(checked)) return undefined;
  return `has ${stores.length} Redis servers up, not 1 (the master)`;
}

function isServer(row: ReadonlyMap<string, string>): boolean {
  const SERVER = '2';
  return row.get('type') === SERVER;
}

/** HAProxy's CSV by column name. */
function parseStats(csv: string): readonly ReadonlyMap<string, string>[] {
  const [header = '', ...lines] = csv.split('\n').filter((line) => line !== '');
  const names = header.replace(/^# /, '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return new Map(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
