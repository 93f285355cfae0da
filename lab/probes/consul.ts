/** Asks every Consul agent for leader and peers, and the leader for the beat lock. */
import Consul from 'consul';
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
import { getJson, PROBE_LIMIT_MS, reason } from './http.ts';
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
    const leader = await askAgent(host, (consul) => consul.status.leader());
    // The package gives nothing at all for Consul's empty answer.
    if (!leader) return bad(`Consul on ${host} knows no leader`);
    const { Servers } = await getJson<{ Servers: RaftServer[] }>(
      `http://${ADDRESSES[host]}:${PORTS.consulHttp}/v1/operator/raft/configuration?stale`,
    );
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
    const sessions = await anyAgent(lockSessions);
    const lockSession = await anyAgent(holderSession);
    const holder = sessions.find((session) => session.ID === lockSession);
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
  const leader = await anyAgent((consul) => consul.status.leader());
  const host = HOSTS.find((candidate) => leader === `${ADDRESSES[candidate]}:${PORTS.consulServer}`);
  if (host === undefined) throw new Error('Consul has no leader');
  return host;
}

/**
 * The host that holds the beat lock.
 * @throws Error where nobody does.
 */
export async function beatHolder(): Promise<Host> {
  const lockSession = await anyAgent(holderSession);
  const session = (await anyAgent(lockSessions)).find(({ ID }) => ID === lockSession);
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
    const sessions = await anyAgent(lockSessions);
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

/** The sessions of everybody who holds the beat lock or waits for it. */
async function lockSessions(consul: Consul): Promise<readonly Session[]> {
  const sessions = (await consul.session.list()) as unknown as readonly Session[];
  return sessions.filter(({ Name }) => Name === BEAT_SESSION_NAME);
}

/** The session that holds the beat lock; undefined = nobody does. */
async function holderSession(consul: Consul): Promise<string | undefined> {
  const lock = (await consul.kv.get(`${BEAT_LOCK}/.lock`)) as { Session?: string } | null | undefined;
  return lock?.Session;
}

/** From any agent that has a leader. */
async function anyAgent<T>(ask: (consul: Consul) => Promise<T>): Promise<T> {
  try {
    return await Promise.any(HOSTS.map((host) => askAgent(host, ask)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/**
 * Asks one agent with another client than Trellis's own: the lab is to be an independent witness. The client ends with
 * the question: its idle connections would pile up to the 200 that an agent grants one address.
 */
async function askAgent<T>(host: Host, ask: (consul: Consul) => Promise<T>): Promise<T> {
  // The package passes `timeout` on to every call; its types do not know it.
  const defaults = { timeout: PROBE_LIMIT_MS } as object;
  const consul = new Consul({ host: ADDRESSES[host], port: PORTS.consulHttp, defaults });
  try {
    return await ask(consul);
  } finally {
    consul.destroy();
  }
}

function agents() {
  return HOSTS.map((host) => memberId(host, 'consul'));
}
