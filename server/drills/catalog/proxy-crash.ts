/** proxy-crash: one HAProxy is killed: who uses it has no entrance until it is back. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy as HaProxy } from '#lib/model/haproxy.ts';
import { proxyStatus } from '#lib/model/status.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, commandsFor } from '#server/drills/guards.ts';
import { nothingTakenOut, otherProxyStands, severalWorkers } from '#server/drills/other-guards.ts';
import { workersConsume } from './broker-parts.ts';
import { command, promise, promiseOf, seen, stay, watch } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'proxy-crash', title: 'Kill a proxy', risk: DRILL_RISK['proxy-crash'], targetKind: 'proxies' },
  proves: 'Who loses its entrance, and that everybody comes back once the proxy does.',
  needsExecutor: true,
  hypothesis: promise('the proxies of the other hosts', {
    ...{ lost: 0 },
    because:
      'Applications that know this proxy alone publish nothing until it is back, and of the task that such a worker was just running no event may arrive. A HAProxy that starts takes every server for up until its first check has failed: results that it sends to a replica meanwhile are refused (READONLY), and Celery does not try those again.',
    outageMs: { publish: 30_000, execute: 30_000, result: 30_000 },
  }),
};

/** The drill. */
export const proxyCrash: Drill = {
  info,
  targets({ model, now }: Scene): DrillTarget[] {
    return Object.values(model.proxies).map((proxy): DrillTarget => {
      const { word } = proxyStatus(proxy, model, now);
      return { kind: 'proxies', id: proxy.id, name: proxy.id, role: word, host: proxy.host };
    });
  },
  aim(id: string, scene: Scene) {
    const proxy = Object.hasOwn(scene.model.proxies, id) ? scene.model.proxies[id] : undefined;
    if (proxy === undefined) return null;
    const process = { kind: 'proxies', id, host: proxy.host };
    const start = command('start', process, scene.means);
    const disturbs = [{ kind: 'proxies', id } as const];
    const others = Object.keys(scene.model.proxies).filter((other) => other !== id);
    return {
      hypothesis: promiseOf(info, others.join(', ') || 'nobody'),
      steps: [
        {
          ...{ id: 'kill', title: `Kill ${id}`, limitMs: 10_000, isFault: true, isPointOfNoReturn: true },
          calls: () => [[command('kill', process, scene.means)]],
          undo: () => [start],
        },
        watch({
          ...{ id: 'gone', title: `${id} answers nobody`, limitMs: 15_000 },
          check: ({ model }) => {
            const reading = model.readings[model.proxies[id]?.own ?? ''];
            return seen(reading?.failure != null, `${id} is gone.`, `${id} still answers.`);
          },
        }),
        stay('stay', `Work without ${id}`, 5_000),
        {
          ...{ id: 'start', title: `Start ${id} again`, limitMs: 15_000 },
          calls: () => [[start]],
          undo: () => [],
        },
        watch({
          ...{ id: 'serves', title: `${id} serves again`, limitMs: 60_000 },
          check: ({ model, now }) => {
            const one = model.proxies[id];
            const backends = one?.backends.filter(({ carries }) => carries !== 'other') ?? [];
            const serves = backends.length > 0 && backends.every(({ serving }) => serving.length > 0);
            const done = serves && isCurrent(model.readings[one?.own ?? ''], now);
            return seen(done, `${id} serves.`, `${id} does not serve yet.`);
          },
        }),
        workersConsume(scene, 90_000),
      ],
      timeline: [
        { afterMs: 0, text: `Applications and workers that use ${id} lose broker and results.` },
        { afterMs: 8_000, text: `${id} is started again.` },
        { afterMs: 15_000, text: 'Everybody has reconnected.' },
      ],
      warnings: [
        `Applications that know ${id} alone are cut off until it is back.`,
        ...(sendsToReplicas(proxy)
          ? [
              `Results may be lost when ${id} starts: it sends them to replicas, too, until its first checks of those have failed. HAProxy 3.1 and later: init-state fully-down.`,
            ]
          : []),
      ],
      guards: [otherProxyStands(id), nothingTakenOut([id]), severalWorkers, commandsFor(['kill', 'start'], process)],
      holds: [bystandersStand(disturbs)],
      ...{ evidence: [proxy.own], disturbs, failing: disturbs[0] ?? null },
    };
  },
};

/** Its own checks keep the replicas out, and a proxy that starts has made none yet. */
function sendsToReplicas({ backends }: HaProxy): boolean {
  return backends.some(
    ({ carries, servers }) => carries === 'results' && servers.filter(({ backup }) => !backup).length > 1,
  );
}
