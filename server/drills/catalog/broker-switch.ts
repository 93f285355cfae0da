/** broker-switch: the node is drained at every proxy, its sessions move, and it comes back. */
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { brokerAtPeace } from '#server/drills/broker-guards.ts';
import type { Call } from '#server/drills/calls.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand } from '#server/drills/guards.ts';
import { otherServerStands, serverInService, severalWorkers, socketsFor } from '#server/drills/other-guards.ts';
import { brokerEvidence, brokerNode, brokerTargets, heirsOfNode, workersConsume } from './broker-parts.ts';
import { promise, promiseOf, seen, stay } from './kit.ts';
import { type ProxyPlace, serversFor } from './proxy-servers.ts';
import { sessionsTouched, workersTouched } from './touches.ts';

const info: DrillInfo = {
  ...{
    id: 'broker-switch',
    title: 'Drain a broker at the proxies',
    risk: DRILL_RISK['broker-switch'],
    targetKind: 'brokerNodes',
  },
  proves: 'Applications and workers move to another broker and back without losing a task.',
  needsExecutor: false,
  hypothesis: promise('the next usable server of each proxy', {
    ...{ lost: 0, resultsLost: 0, repeated: 2 },
    because: 'What a worker had begun when its session ended comes again where it acknowledges late.',
    outageMs: { publish: 2_000, execute: 3_000, result: 3_000 },
  }),
};

/** The drill. */
export const brokerSwitch: Drill = { info, targets: brokerTargets, aim };

function aim(id: string, scene: Scene): ReturnType<Drill['aim']> {
  const node = brokerNode(id, scene);
  if (node === null) return null;
  const target = { kind: 'brokerNodes', id } as const;
  const places = serversFor(target, scene.model);
  const proxies = [...new Set(places.map(({ proxy }) => proxy.id))];
  const name = shortNodeName(id, scene.model);
  const sessions = sessionsTouched(places);
  const ready = places.map(
    ({ proxy, path: server }) => ({ verb: 'haproxy.state', proxy: proxy.id, server, state: 'ready' }) as const,
  );
  return {
    hypothesis: promiseOf(info, heirsOfNode(id, scene)),
    steps: [
      {
        ...{ id: 'drain', title: `Drain ${name} at every proxy and end its sessions`, limitMs: 5_000, isFault: true },
        calls: () =>
          places.map(({ proxy, path }): readonly Call[] => [
            { verb: 'haproxy.state', proxy: proxy.id, server: path, state: 'drain' },
            { verb: 'haproxy.end-sessions', proxy: proxy.id, server: path },
          ]),
        undo: () => ready.map((call): Call => ({ ...call, from: 'drain' })),
        check: async ({ actions, signal }) => {
          const left = await sessionsLeft(places, async (proxy) => actions.haproxy.servers(proxy, signal));
          return seen(left === 0, 'No session is left.', `${formatCount(left, 'session')} left.`);
        },
      },
      workersConsume(scene, 60_000),
      stay('stay', `Work without ${name}`, 5_000),
      {
        ...{ id: 'ready', title: `${name} back in service at every proxy`, limitMs: 10_000 },
        calls: () => ready.map((call) => [call]),
        ...{ undo: () => [], settles: ['drain'] },
        check: async ({ actions, signal }) => {
          const late: string[] = [];
          for (const { proxy, path } of places) {
            const servers = await actions.haproxy.servers(proxy.id, signal);
            const one = servers.find(({ server }) => server === path);
            if (one?.admin !== 'ready' || !one.status.startsWith('UP')) late.push(proxy.id);
          }
          return seen(late.length === 0, 'Every proxy uses it again.', `Not yet: ${late.join(', ')}.`);
        },
      },
    ],
    timeline: [
      { afterMs: 0, text: `The proxies send nobody to ${name} any more, and cut who is there.` },
      { afterMs: 1_500, text: `Workers have reconnected to ${heirsOfNode(id, scene)} and execute again.` },
      { afterMs: 7_000, text: `${name} takes new connections again; those that moved stay where they are.` },
    ],
    warnings: ['Connections that go to the node past the proxies are not moved.'],
    guards: [brokerAtPeace, otherServerStands(target), serverInService(target), socketsFor(proxies), severalWorkers],
    holds: [bystandersStand([])],
    ...{ evidence: brokerEvidence(id, scene), disturbs: [], failing: null },
    touches: [
      ...(sessions === null ? [] : [`It ends ${sessions}; who was there comes back to ${heirsOfNode(id, scene)}.`]),
      workersTouched(id, scene.model),
    ],
  };
}

type Servers = readonly { server: string; sessions: number }[];

async function sessionsLeft(places: readonly ProxyPlace[], ask: (proxy: string) => Promise<Servers>): Promise<number> {
  let left = 0;
  for (const { proxy, path } of places) {
    const servers = await ask(proxy.id);
    left += servers.find(({ server }) => server === path)?.sessions ?? 0;
  }
  return left;
}
