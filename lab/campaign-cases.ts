/** What the campaign does to the lab, case by case; a case throws when a promise of the lab is broken. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab, Target } from './control.ts';
import { hostsOf, ROLES, resolveTarget } from './layout.ts';
import { listeners } from './ports.ts';
import { beatHolder, consulLeader } from './probes/consul.ts';
import { masterHost } from './probes/redis.ts';
import { trafficGaps } from './probes/traffic.ts';
import { markedProcesses } from './processes.ts';

/** One case; `run` returns a note for the table. */
export type Case = { readonly name: string; readonly run: (lab: Lab) => Promise<string> };

const WHOLE_LIMIT_MS = 120_000;
/** Long enough for every failover to happen before the victim comes back. */
const OUTAGE_MS = 15_000;
const PAUSE_MS = 8_000;
const VICTIM = 'host-2';

/** The rounds: something happens to a whole lab, then `up` must end whole. */
export const ROUNDS: readonly Case[] = [
  round('down', async (lab) => {
    await lab.down();
    assertNothingLeft(lab);
  }),
  round(`kill ${VICTIM}`, (lab) => lab.kill(VICTIM)),
  ...ROLES.filter((role) => hostsOf(role).includes(VICTIM)).map((role) =>
    round(`kill ${VICTIM}/${role}`, (lab) => lab.kill(`${VICTIM}/${role}`)),
  ),
  round('power cut of the supervisor', (lab) => lab.cutSupervisor()),
];

/** The failovers: a process or host falls and is started again, and the estate must become whole without any `up`. */
export const FAILOVERS: readonly Case[] = [
  failover('broker host-1/rabbitmq', async () => 'host-1/rabbitmq'),
  failover('the Redis master', async () => `${await masterHost()}/redis`),
  failover('the Consul leader', async () => `${await consulLeader()}/consul`),
  failover('the beat holder', async () => `${await beatHolder()}/beat`),
  failover('host-1/haproxy', async () => 'host-1/haproxy'),
  failover('host-1/worker', async () => 'host-1/worker'),
  failover('all of host-1', async () => 'host-1'),
  failover('all of host-3', async () => 'host-3'),
  ...resolveTarget('host-1').map((id) => pauseAndResume(id)),
  pauseAndResume('host-2'),
];

/** The last case: `down` leaves nothing, with the supervisor and without. */
export const ENDINGS: readonly Case[] = [
  {
    name: 'down of a lab with a dead supervisor and a paused host',
    run: async (lab) => {
      await lab.up();
      await lab.pause('host-3');
      await lab.cutSupervisor();
      return ending(lab);
    },
  },
  {
    name: 'down of a whole lab',
    run: async (lab) => {
      await lab.up();
      return ending(lab);
    },
  },
];

function round(name: string, disturb: (lab: Lab) => Promise<unknown>): Case {
  return {
    name: `up after ${name}`,
    run: async (lab) => {
      await lab.up();
      await disturb(lab);
      const startedMs = performance.now();
      await lab.up();
      const seconds = secondsSince(startedMs);
      await assertWhole(lab);
      return `whole after ${seconds}`;
    },
  };
}

function failover(name: string, choose: () => Promise<Target>): Case {
  return {
    name: `kill and start: ${name}`,
    run: async (lab) => {
      await lab.up();
      const target = await choose();
      const beganMs = Date.now();
      await lab.kill(target);
      await sleep(OUTAGE_MS);
      const startedMs = performance.now();
      await lab.start(target);
      await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
      const seconds = secondsSince(startedMs);
      await assertWhole(lab);
      return `${target}: whole ${seconds} after start; ${describeGaps(lab, beganMs)}`;
    },
  };
}

function pauseAndResume(target: Target): Case {
  return {
    name: `pause and resume: ${target}`,
    run: async (lab) => {
      await lab.up();
      const beganMs = Date.now();
      const paused = await lab.pause(target);
      if (paused.some(({ state }) => state !== 'paused')) throw new Error(`not all of ${target} is paused`);
      await sleep(PAUSE_MS);
      const startedMs = performance.now();
      await lab.resume(target);
      if (losesSessions(target)) await lab.up();
      else await lab.waitWhole({ limitMs: WHOLE_LIMIT_MS });
      const seconds = secondsSince(startedMs);
      await assertWhole(lab);
      return `whole ${seconds} after resume; ${describeGaps(lab, beganMs)}`;
    },
  };
}

/** Consul 1.8's `consul lock` waits for ever with a session that ended with its paused agent: `up` must wake it. */
function losesSessions(target: Target): boolean {
  return resolveTarget(target).some((id) => id.endsWith('/consul'));
}

async function ending(lab: Lab): Promise<string> {
  const startedMs = performance.now();
  await lab.down();
  const seconds = secondsSince(startedMs);
  assertNothingLeft(lab);
  return `down in ${seconds}`;
}

async function assertWhole(lab: Lab): Promise<void> {
  const status = await lab.status();
  if (status.whole) return;
  const idle = status.members.filter(({ state }) => state !== 'running').map(({ id, state }) => `${id} is ${state}`);
  throw new Error(`not whole: ${[...status.problems.map(({ what }) => what), ...idle].join('; ')}`);
}

function assertNothingLeft(lab: Lab): void {
  const processes = markedProcesses(lab.paths.root);
  const sockets = listeners().filter(({ address }) => address.startsWith('127.0.1.'));
  if (processes.length === 0 && sockets.length === 0) return;
  throw new Error(
    `left over: ${[
      ...processes.map(({ pid, command }) => `pid ${pid} (${command})`),
      ...sockets.map(({ address, port }) => `${address}:${port}`),
    ].join(', ')}`,
  );
}

function describeGaps(lab: Lab, sinceMs: number): string {
  const { publishMs, executeMs, resultMs } = trafficGaps(lab.paths, sinceMs, Date.now());
  const show = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return `longest gap: publish ${show(publishMs)}, execute ${show(executeMs)}, results ${show(resultMs)}`;
}

function secondsSince(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
