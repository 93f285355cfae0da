/** Faults of the result store: a failover that was ordered, and one after the master's death. */
import { ADDRESSES, HOSTS, type Host, memberId, PORTS } from '#lab/layout.ts';
import { masterHost } from '#lab/probes/redis.ts';
import { redisNodeStatus } from '#lib/model/status.ts';
import { type Armed, type Fault, type Pair, signalMember } from './fault.ts';
import type { View } from './live-stream.ts';
import { Signal } from './signal.ts';
import { idleRedisSocket, listenToSentinels, orderFailover, type SentinelSignals } from './witness-results.ts';

const SWITCH_TARGET_MS = 150;
/** A Redis is asked once a second; it has the same allowance over that as HAProxy has in §14. */
const POLLED_TARGET_MS = 1_200;

const SWITCH_PAIRS: readonly Pair[] = [
  {
    metric: 'first +switch-master → its claim shown',
    from: 'first +switch-master',
    sight: 'claim',
    targetMs: SWITCH_TARGET_MS,
    against: '§14',
  },
  {
    metric: 'second +switch-master → RedisMaster',
    from: 'second +switch-master',
    sight: 'new master',
    targetMs: SWITCH_TARGET_MS,
    against: '§14; a majority now',
  },
];

export const sentinelFailover: Fault = {
  name: 'Sentinel failover',
  limitMs: 30_000,
  pairs: [
    ...SWITCH_PAIRS,
    { metric: 'fault → RedisMaster', from: 'fault', sight: 'new master', targetMs: null, against: '' },
  ],
  page: { from: 'second +switch-master', targetMs: SWITCH_TARGET_MS },
  arm: async (_, run) => {
    const sentinel = HOSTS[run % HOSTS.length] as Host;
    const { armed } = await watchSwitch();
    return { ...armed, send: () => orderFailover(sentinel) };
  },
};

export const redisMasterKill: Fault = {
  name: 'Redis master killed',
  limitMs: 40_000,
  pairs: [
    {
      metric: 'socket close → master shown not ok',
      from: 'socket close',
      sight: 'not ok',
      targetMs: POLLED_TARGET_MS,
      against: 'as HAProxy in §14: one poll',
    },
    {
      metric: 'second +sdown → shown down',
      from: 'second +sdown',
      sight: 'down',
      targetMs: null,
      against: 'Sentinels',
    },
    ...SWITCH_PAIRS,
    { metric: 'fault → RedisMaster', from: 'fault', sight: 'new master', targetMs: null, against: '' },
  ],
  page: { from: 'second +switch-master', targetMs: SWITCH_TARGET_MS },
  arm: async (bench) => {
    const { armed, master, sentinels } = await watchSwitch();
    const send = signalMember(bench.lab, memberId(master, 'redis'), 'SIGKILL');
    const closed = new Signal();
    const end = await idleRedisSocket(master, closed);
    return {
      ...armed,
      send,
      signals: { ...armed.signals, 'socket close': closed, 'second +sdown': sentinels.majorityDown },
      sights: {
        ...armed.sights,
        'not ok': (view) => statusOf(view, master) !== 'ok',
        down: (view) => statusOf(view, master) === 'down',
      },
      disarm: async () => {
        end();
        await armed.disarm();
      },
    };
  },
};

type Switching = { armed: Omit<Armed, 'send'>; master: Host; sentinels: SentinelSignals };

/** Everything by which a change of master is seen, whatever causes it. */
async function watchSwitch(): Promise<Switching> {
  const master = await masterHost();
  const was = `${ADDRESSES[master]}:${PORTS.redis}`;
  const sentinels = {
    firstSwitch: new Signal(),
    majoritySwitch: new Signal(),
    firstDown: new Signal(),
    majorityDown: new Signal(),
  };
  const stop = await listenToSentinels(sentinels);
  const armed: Omit<Armed, 'send'> = {
    target: `redis@${master}`,
    signals: {
      'first +switch-master': sentinels.firstSwitch,
      'second +switch-master': sentinels.majoritySwitch,
    },
    sights: {
      claim: ({ model }) =>
        Object.values(model.redisServices).some(({ master: claims }) => claims.some(({ value }) => value !== was)),
      'new master': ({ transitions }) => transitions.some(({ code }) => code === 'RedisMaster'),
    },
    page: { kind: 'timeline', code: 'RedisMaster' },
    disarm: async () => stop(),
  };
  return { armed, master, sentinels };
}

function statusOf({ model, now }: View, host: Host): string {
  const address = `${ADDRESSES[host]}:${PORTS.redis}`;
  const node = Object.values(model.redisNodes).find((each) => each.address === address);
  return node === undefined ? 'missing' : redisNodeStatus(node, model, now).status;
}
