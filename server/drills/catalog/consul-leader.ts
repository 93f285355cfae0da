/** consul-leader: another Consul server leads: by transfer where Consul can, else by killing the leader. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { orList } from '#lib/format/list.ts';
import { settle } from '#lib/model/claims.ts';
import type { ConsulServer } from '#lib/model/consul.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { consulServerStatus } from '#lib/model/status.ts';
import type { Drill, Guard, Scene, Step } from '#server/drills/drill.ts';
import { mayLose } from '#server/drills/forecast-guard.ts';
import { bystandersStand, checked } from '#server/drills/guards.ts';
import { consulTolerates, standbyWaits } from '#server/drills/other-guards.ts';
import { freeAfterMs, heldAgain, locksLostWith, withSchedule } from './beat-parts.ts';
import { command, promise, promiseOf, seen, watch } from './kit.ts';

const info: DrillInfo = {
  ...{
    id: 'consul-leader',
    title: 'Move Consul’s leader',
    risk: DRILL_RISK['consul-leader'],
    targetKind: 'consulServers',
  },
  proves: 'Consul elects another leader, and the beat keeps its lock meanwhile.',
  needsExecutor: false,
  hypothesis: promise('another voter', {
    ...{ lost: 0, repeated: 0, resultsLost: 0 },
    outageMs: { publish: 0, execute: 0, result: 0, schedule: 0 },
  }),
};

/** The drill. */
export const consulLeader: Drill = { info, targets, aim };

function targets({ model, now }: Scene): DrillTarget[] {
  const leader = leaderOf({ model, now });
  if (leader === null) return [];
  return [{ kind: 'consulServers', id: leader.id, name: leader.id, role: 'leader', host: leader.host }];
}

function leaderOf({ model, now }: Pick<Scene, 'model' | 'now'>): ConsulServer | null {
  const address = settle(model.coordinators.consul?.leader ?? [], model.readings, now).value;
  return Object.values(model.consulServers).find(({ raftAddress }) => raftAddress === address) ?? null;
}

function aim(id: string, scene: Scene): ReturnType<Drill['aim']> {
  const server = Object.hasOwn(scene.model.consulServers, id) ? scene.model.consulServers[id] : undefined;
  if (server === undefined) return null;
  const { model, means } = scene;
  const process = { kind: 'consulServers', id, host: server.host };
  const isKilled = ['kill', 'start'].every((verb) => means.verbs(process).includes(verb));
  const others = Object.values(model.consulServers).filter((one) => one.id !== id && one.voter === true);
  const disturbs = isKilled ? [{ kind: 'consulServers', id } as const] : [];
  // A session lives with the agent that made it: the leader may be the agent of the beat that holds the lock.
  const lost = isKilled ? locksLostWith({ kind: 'consulServers', id }, model) : [];
  return {
    hypothesis: withSchedule(promiseOf(info, orList(others.map((one) => one.id)) || 'nobody'), lost),
    steps: isKilled ? [...killed(server, scene), ...lost.map(heldAgain)] : transferred(server),
    timeline: [
      { afterMs: 0, text: `${id} leads no more.` },
      { afterMs: isKilled ? 8_000 : 1_000, text: 'Another server leads; sessions live on with it.' },
      ...lost.map((lock) => ({ afterMs: freeAfterMs(lock), text: `A beat holds lock ${lock.id} at the latest.` })),
    ],
    warnings: isKilled
      ? [
          'The leader is killed and started again: Consul before 1.14 cannot transfer its leadership.',
          ...lost.map((lock) => `Lock ${lock.id} hangs on ${id}: nothing is scheduled until a beat holds it again.`),
        ]
      : ['Consul before 1.14 has no such call and answers 404; then give commands to kill and start it.'],
    guards: [
      leads(server),
      consulTolerates,
      ...lost.map(standbyWaits),
      ...(isKilled ? [mayLose({ kind: 'consulServers', id })] : []),
    ],
    holds: [bystandersStand(disturbs)],
    evidence: (model.coordinators.consul?.leader ?? []).map(({ by }) => by),
    ...{ disturbs, failing: isKilled ? { kind: 'consulServers', id } : null },
    touches: isKilled
      ? []
      : ['Consul takes no writes until another server leads; sessions and locks live on meanwhile.'],
  };
}

function leads({ id, raftAddress }: ConsulServer): Guard {
  return ({ model, now }) => {
    const leader = leaderOf({ model, now });
    if (leader?.raftAddress === raftAddress) return checked('leads', 'pass', `${id} leads Consul.`);
    return checked('leads', 'block', `${id} does not lead Consul; ${leader?.id ?? 'nobody that is agreed on'} does.`);
  };
}

function killed(server: ConsulServer, { means }: Scene): Step[] {
  const process = { kind: 'consulServers', id: server.id, host: server.host };
  const start = command('start', process, means);
  return [
    {
      ...{ id: 'kill', title: `Kill ${server.id}`, limitMs: 15_000, isFault: true, isPointOfNoReturn: true },
      calls: () => [[command('kill', process, means)]],
      undo: () => [start],
    },
    elected(server),
    {
      ...{ id: 'start', title: `Start ${server.id} again`, limitMs: 30_000 },
      calls: () => [[start]],
      undo: () => [],
    },
    watch({
      ...{ id: 'follows', title: `${server.id} is back`, limitMs: 60_000 },
      check: ({ model, now }) => {
        const one = model.consulServers[server.id];
        const shown = one === undefined ? null : consulServerStatus(one, model, now);
        return seen(
          shown?.status === 'ok',
          `${server.id} is a ${shown?.word}.`,
          `${server.id}: ${shown?.word ?? 'not seen'}.`,
        );
      },
    }),
  ];
}

function transferred(server: ConsulServer): Step[] {
  return [
    {
      ...{
        id: 'transfer',
        title: 'Ask the leader to hand over',
        limitMs: 10_000,
        isFault: true,
        isPointOfNoReturn: true,
      },
      calls: () => [[{ verb: 'consul.transfer-leader', to: null }]],
      undo: () => [],
    },
    elected(server),
  ];
}

function elected({ id, raftAddress }: ConsulServer): Step {
  return watch({
    ...{ id: 'elected', title: 'Another server leads', limitMs: 60_000 },
    check: ({ model, now }) => {
      const claims = (model.coordinators.consul?.leader ?? []).filter(({ by }) => isCurrent(model.readings[by], now));
      const said = settle(claims, model.readings, now);
      const isNew =
        said.value !== null && said.value !== '' && said.value !== raftAddress && said.agreement !== 'majority';
      if (!isNew)
        return {
          done: false,
          says: said.value === '' ? 'Consul has no leader.' : `${id} leads, or nobody that is agreed on.`,
        };
      const winner = Object.values(model.consulServers).find((one) => one.raftAddress === said.value)?.id ?? said.value;
      return { done: true, says: `${winner} leads.`, learned: { winner: String(winner) } };
    },
  });
}
