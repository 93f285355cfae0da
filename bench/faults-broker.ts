/** Faults of the broker: a node that is killed, and one that hangs. */
import { HOSTS, type Host, memberId, numberOf, rabbitNode } from '#lab/layout.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { type Fault, signalMember } from './fault.ts';
import type { View } from './live-stream.ts';
import { Signal } from './signal.ts';
import { idleConnection, peerSaysDown } from './witness-broker.ts';

const KILLED_TARGET_MS = 500;
const HUNG_TARGET_MS = 10_000;
/** The witness's own heartbeat; a peer notices after two that are missing. */
const HEARTBEAT_SECONDS = 4;

export const brokerKill: Fault = {
  name: 'broker node killed',
  limitMs: 20_000,
  pairs: [
    { metric: 'fault → shown not ok', from: 'fault', sight: 'not ok', targetMs: KILLED_TARGET_MS, against: '§14' },
    { metric: 'fault → shown down', from: 'fault', sight: 'down', targetMs: KILLED_TARGET_MS, against: '§14' },
    { metric: 'AMQP close → shown not ok', from: 'AMQP close', sight: 'not ok', targetMs: null, against: 'own socket' },
    { metric: 'peer says down → shown down', from: 'peer API', sight: 'down', targetMs: null, against: '20 ms poll' },
  ],
  page: { from: 'fault', targetMs: KILLED_TARGET_MS },
  arm: async ({ lab, context }, run) => {
    const host = hostOf(run);
    const signals = { 'AMQP close': new Signal(), 'peer API': new Signal() };
    const send = signalMember(lab, memberId(host, 'rabbitmq'), 'SIGKILL');
    const end = await idleConnection(context, host, 0, signals['AMQP close']);
    const stop = peerSaysDown(context, peerOf(host), host, signals['peer API']);
    return {
      target: rabbitNode(host),
      send,
      signals,
      sights: {
        'not ok': (view) => statusOf(view, host) !== 'ok',
        down: (view) => statusOf(view, host) === 'down',
      },
      page: { kind: 'card-not-ok', name: `rabbit-${numberOf(host)}` },
      disarm: async () => {
        stop();
        await end();
      },
    };
  },
};

export const brokerHang: Fault = {
  name: 'broker node hung',
  limitMs: 25_000,
  pairs: [
    {
      metric: 'fault → shown not ok',
      from: 'fault',
      sight: 'not ok',
      targetMs: HUNG_TARGET_MS,
      against: '§9: Trellis says hung within 10 s',
    },
    {
      metric: 'own heartbeat → shown not ok',
      from: 'AMQP heartbeat',
      sight: 'not ok',
      targetMs: null,
      against: `own ${HEARTBEAT_SECONDS} s heartbeat`,
    },
  ],
  page: { from: 'fault', targetMs: HUNG_TARGET_MS },
  arm: async ({ lab, context }, run) => {
    const host = hostOf(run);
    const signals = { 'AMQP heartbeat': new Signal() };
    const id = memberId(host, 'rabbitmq');
    const send = signalMember(lab, id, 'SIGSTOP');
    const goOn = signalMember(lab, id, 'SIGCONT');
    const end = await idleConnection(context, host, HEARTBEAT_SECONDS, signals['AMQP heartbeat']);
    return {
      target: rabbitNode(host),
      send,
      signals,
      sights: { 'not ok': (view) => statusOf(view, host) !== 'ok' },
      page: { kind: 'card-not-ok', name: `rabbit-${numberOf(host)}` },
      disarm: async () => {
        goOn();
        await end();
      },
    };
  },
};

function hostOf(run: number): Host {
  return HOSTS[run % HOSTS.length] as Host;
}

function peerOf(host: Host): Host {
  return HOSTS.find((other) => other !== host) as Host;
}

function statusOf({ model, now }: View, host: Host): string {
  const node = model.brokerNodes[rabbitNode(host)];
  return node === undefined ? 'missing' : brokerNodeStatus(node, model, now).status;
}
