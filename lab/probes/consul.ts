/** Asks every Consul agent for leader and peers, and the leader for the beat lock. */
import {
  ADDRESSES,
  BEAT_LOCK,
  BEAT_SESSION_NAME,
  HOSTS,
  type Host,
  hostsOf,
  memberId,
  numberOf,
  PORTS,
} from '#lab/layout.ts';
import { ageMs, memberProcesses } from '#lab/processes.ts';
import { getText, reason } from './http.ts';
import type { Problem } from './problem.ts';

type RaftServer = { readonly Node: string; readonly Voter: boolean; readonly Leader: boolean };
type Session = { readonly ID: string; readonly Name: string; readonly Node: string };

/** One leader and three voting peers, in the view of each agent. */
export async function consulProblems(): Promise<readonly Problem[]> {
  const views = await Promise.all(HOSTS.map((host) => view(host)));
  const problems = views.flatMap((item) => (typeof item === 'string' ? [] : [item]));
  if (problems.length > 0) return problems;
  if (new Set(views).size === 1) return [];
  return [{ what: `the Consul agents name different leaders: ${views.join(', ')}`, members: agents() }];
}

async function view(host: Host): Promise<string | Problem> {
  const bad = (what: string): Problem => ({ what, members: [memberId(host, 'consul')] });
  try {
    const leader = await get<string>(host, '/v1/status/leader');
    if (leader === '') return bad(`Consul on ${host} knows no leader`);
    const { Servers } = await get<{ Servers: RaftServer[] }>(host, '/v1/operator/raft/configuration?stale');
    const voters = Servers.filter((server) => server.Voter);
    if (voters.length !== HOSTS.length) return bad(`Consul on ${host} sees ${voters.length} voting peers, not 3`);
    return leader;
  } catch (error) {
    return bad(`Consul on ${host} does not answer: ${reason(error)}`);
  }
}

/** A `consul lock` that is younger may not have its session yet, and the session of the one before may still stand. */
const SESSION_AFTER_MS = 3_000;

/** One holder of the beat lock whose beat really runs, one standby that waits, and no session of a dead one. */
export async function beatProblems(root: string): Promise<readonly Problem[]> {
  const members = hostsOf('beat').map((host) => memberId(host, 'beat'));
  const bad = (what: string): readonly Problem[] => [{ what, members }];
  const unsettled = hostsOf('beat').filter((host) => !isSettled(root, host));
  if (unsettled.length > 0)
    return bad(`\`consul lock\` on ${unsettled.join(' and ')} has only just started, or does not run`);
  try {
    const sessions = (await anyAgent<Session[]>('/v1/session/list')).filter(({ Name }) => Name === BEAT_SESSION_NAME);
    const [lock] = await anyAgent<{ Session?: string }[]>(`/v1/kv/${BEAT_LOCK}/.lock`);
    const holder = sessions.find((session) => session.ID === lock?.Session);
    if (holder === undefined) return bad('nobody holds the beat lock (a lost one is free again after 15 to 45 s)');
    if (sessions.length !== hostsOf('beat').length) {
      return bad(`the beat lock has ${sessions.length} sessions, not 2 (a dead one lasts up to 30 s)`);
    }
    const running = hostsOf('beat').filter((host) => beatRuns(root, host));
    const expected = hostsOf('beat').filter((host) => `consul-${numberOf(host)}` === holder.Node);
    if (running.join() === expected.join()) return [];
    return bad(`${holder.Node} holds the beat lock, but beat runs on ${running.join(' and ') || 'no host'}`);
  } catch (error) {
    return bad(`the beat lock cannot be read: ${reason(error)}`);
  }
}

/**
 * The host of the Consul leader.
 * @throws Error where there is none.
 */
export async function consulLeader(): Promise<Host> {
  const leader = await anyAgent<string>('/v1/status/leader');
  const host = HOSTS.find((candidate) => leader === `${ADDRESSES[candidate]}:${PORTS.consulServer}`);
  if (host === undefined) throw new Error('Consul has no leader');
  return host;
}

/**
 * The host that holds the beat lock.
 * @throws Error where nobody does.
 */
export async function beatHolder(): Promise<Host> {
  const [lock] = await anyAgent<{ Session?: string }[]>(`/v1/kv/${BEAT_LOCK}/.lock`);
  const session = (await anyAgent<Session[]>('/v1/session/list')).find(({ ID }) => ID === lock?.Session);
  const host = HOSTS.find((candidate) => session?.Node === `consul-${numberOf(candidate)}`);
  if (host === undefined) throw new Error('nobody holds the beat lock');
  return host;
}

/**
 * The hosts whose `consul lock` has no session: it still waits for the lock, but can never get it. It does not notice
 * when its session ends while it waits (its agent was away for some seconds, say), until the lock changes hands. None
 * where it cannot be told.
 */
export async function hostsWithoutBeatSession(): Promise<readonly Host[]> {
  try {
    const sessions = (await anyAgent<Session[]>('/v1/session/list')).filter(({ Name }) => Name === BEAT_SESSION_NAME);
    return hostsOf('beat').filter((host) => !sessions.some(({ Node }) => Node === `consul-${numberOf(host)}`));
  } catch {
    return []; // cannot tell
  }
}

function isSettled(root: string, host: Host): boolean {
  const processes = memberProcesses(root, [memberId(host, 'beat')]);
  return processes.some(({ pid, command }) => command.includes('consul lock') && ageMs(pid) > SESSION_AFTER_MS);
}

/** Whether Celery beat itself runs there, not only the `consul lock` that would start it. */
function beatRuns(root: string, host: Host): boolean {
  return memberProcesses(root, [memberId(host, 'beat')]).some(({ command }) => !command.includes('consul lock'));
}

/** From any agent that has a leader. */
async function anyAgent<T>(path: string): Promise<T> {
  try {
    return await Promise.any(HOSTS.map((host) => get<T>(host, path)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function get<T>(host: Host, path: string): Promise<T> {
  const url = `http://${ADDRESSES[host]}:${PORTS.consulHttp}${path}`;
  const text = await getText(url);
  return (text === '' ? [] : JSON.parse(text)) as T;
}

function agents() {
  return HOSTS.map((host) => memberId(host, 'consul'));
}
