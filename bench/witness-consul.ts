/** Consul's own word: a blocking query for the lock, and every agent's leader. */
import { ADDRESSES, BEAT_LOCK, HOSTS, type Host, PORTS } from '#lab/layout.ts';
import { pollEvery } from './clock.ts';
import type { Signal } from './signal.ts';

const POLL_MS = 20;
const ANSWER_LIMIT_MS = 2_000;
const WAIT_SECONDS = 30;

type LockKey = { Session?: string };

/** The session that holds the beat lock, in the view of a host's agent. @throws Error where nobody holds it */
export async function beatSession(host: Host): Promise<string> {
  const response = await fetch(`${agent(host)}/v1/kv/${BEAT_LOCK}/.lock`);
  const [key] = (await response.json()) as LockKey[];
  if (key?.Session === undefined) throw new Error('nobody holds the beat lock');
  return key.Session;
}

/** Ends a session, which frees the locks that it holds. @throws Error when Consul refuses */
export async function destroySession(host: Host, session: string): Promise<void> {
  const response = await fetch(`${agent(host)}/v1/session/destroy/${session}`, { method: 'PUT' });
  if ((await response.text()).trim() !== 'true') throw new Error(`Consul did not destroy the session ${session}`);
}

/** Marks `freed` when the session has lost the lock, and `taken` when another one has it. */
export function lockChanges(host: Host, session: string, freed: Signal, taken: Signal): () => void {
  let index = 0;
  return pollEvery(0, async (signal) => {
    const wait = index === 0 ? '' : `?index=${index}&wait=${WAIT_SECONDS}s`;
    const response = await fetch(`${agent(host)}/v1/kv/${BEAT_LOCK}/.lock${wait}`, { signal });
    const [key] = (await response.json()) as LockKey[];
    index = Number(response.headers.get('x-consul-index') ?? 0);
    if (key?.Session !== session) freed.mark();
    if (key?.Session !== undefined && key.Session !== session) taken.mark();
  });
}

/** Marks `lost` when an agent no longer names the leader that was, and `elected` when one names another. */
export function leaderChanges(former: Host, lost: Signal, elected: Signal): () => void {
  const was = `${ADDRESSES[former]}:${PORTS.consulServer}`;
  const stops = HOSTS.filter((host) => host !== former).map((host) =>
    pollEvery(POLL_MS, async (signal) => {
      const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
      const response = await fetch(`${agent(host)}/v1/status/leader`, { signal: either });
      const leader = response.ok ? ((await response.json()) as string) : '';
      if (leader !== was) lost.mark();
      if (leader !== was && leader !== '') elected.mark();
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

function agent(host: Host): string {
  return `http://${ADDRESSES[host]}:${PORTS.consulHttp}`;
}
