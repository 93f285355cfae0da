/** Transitions in words. */
import type { Model } from '#lib/model/model.ts';
import type { Transition, TransitionCode } from '#lib/model/transition.ts';
import { redisName, shortNodeName } from './names.ts';

export type Tone = 'good' | 'bad' | 'neutral';
export type TransitionText = { title: string; detail: string; tone: Tone };

type Describe = (transition: Transition, model: Model) => TransitionText;

const DESCRIBE: Readonly<Record<TransitionCode, Describe>> = {
  BrokerNodeRunning: ({ subject, to }) =>
    to === 'running'
      ? { title: `${subject.id} is running`, detail: 'back in the cluster', tone: 'good' }
      : { title: `${subject.id} is down`, detail: 'say the nodes that run', tone: 'bad' },
  QueueLeader: ({ subject, from, to }, model) => ({
    title: `${shortNodeName(to, model)} leads ${queueName(subject.id, model)}`,
    detail: `was ${shortNodeName(from, model)}`,
    tone: 'neutral',
  }),
  QueueInSync: ({ subject, from, to }, model) => {
    const before = names(from);
    const after = names(to);
    const lost = before.filter((name) => !after.includes(name)).map((name) => shortNodeName(name, model));
    const gained = after.filter((name) => !before.includes(name)).map((name) => shortNodeName(name, model));
    const queue = queueName(subject.id, model);
    const title =
      lost.length > 0 ? `${queue} lost its copy on ${lost.join(', ')}` : `${queue} in sync on ${gained.join(', ')}`;
    return {
      title,
      detail: `${after.length} copies in sync, ${before.length} before`,
      tone: lost.length > 0 ? 'bad' : 'good',
    };
  },
  RedisMaster: ({ subject, from, to, by }, model) => ({
    title: `${redisName(to, subject.id, model)} is master of ${subject.id}`,
    detail: `was ${redisName(from, subject.id, model)} · say ${by.length} Sentinels`,
    tone: 'good',
  }),
  RedisNodeUp: ({ subject, to, by }, model) => {
    const name = model.redisNodes[subject.id]?.name ?? subject.id;
    return to === 'up'
      ? { title: `${name} is back`, detail: `say ${by.length} Sentinels`, tone: 'good' }
      : { title: `${name} is down`, detail: `say ${by.length} Sentinels`, tone: 'bad' };
  },
  RedisNodeRole: ({ subject, from, to }, model) => ({
    title: `${model.redisNodes[subject.id]?.name ?? subject.id} calls itself ${to}`,
    detail: `was ${from}`,
    tone: 'neutral',
  }),
  ProxyServing: ({ subject, from, to }) => ({
    title:
      to === 'nobody' ? `${subject.id}: nobody serves ${subject.part}` : `${subject.id} sends ${subject.part} to ${to}`,
    detail: `was ${from}`,
    tone: to === 'nobody' ? 'bad' : 'neutral',
  }),
  ConsulLeader: ({ from, to }, model) => ({
    title: to === 'nobody' ? 'Consul has no leader' : `${serverName(to, model)} is Consul leader`,
    detail: `was ${serverName(from, model)}`,
    tone: to === 'nobody' ? 'bad' : 'good',
  }),
  ConsulServerAlive: ({ subject, to, by }) => ({
    title: to === 'alive' ? `${subject.id} is back` : `${subject.id} is down`,
    detail: `say ${by.length} Consul agents`,
    tone: to === 'alive' ? 'good' : 'bad',
  }),
  LockHolder: ({ subject, from, to }) => ({
    title: to === 'nobody' ? `Nobody holds the lock ${subject.id}` : `${to} holds the lock ${subject.id}`,
    detail: `was ${from}`,
    tone: to === 'nobody' ? 'bad' : 'good',
  }),
  LockStandbys: ({ subject, from, to }) => ({
    title: to === 'nobody' ? `No standby waits for ${subject.id}` : `${to} waits for ${subject.id}`,
    detail: `was ${from}`,
    tone: to === 'nobody' ? 'bad' : 'neutral',
  }),
  WorkerPresence: ({ subject, from, to }) => ({
    title:
      to === 'gone'
        ? `${subject.id} is gone`
        : to === 'idle'
          ? `${subject.id} consumes nothing`
          : `${subject.id} consumes`,
    detail: `was ${from}`,
    tone: to === 'consuming' ? 'good' : 'bad',
  }),
  CeleryWorkerState: ({ subject, from, to }) => ({
    title: WORKER_TITLES[to]?.(subject.id) ?? `${subject.id} is ${to}`,
    detail: `was ${from}, say its own events`,
    tone: to === 'online' ? 'good' : to === 'offline' ? 'neutral' : 'bad',
  }),
  CeleryWorkerGap: ({ subject, from, to }) =>
    Number(to) > Number(from)
      ? { title: `Events of ${subject.id} are missing`, detail: `of ${to} tasks or more`, tone: 'bad' }
      : {
          title: `Fewer events of ${subject.id} are missing`,
          detail: to === '0' ? 'none now' : `of ${to} tasks or more`,
          tone: 'good',
        },
  IngestState: ({ subject, from, to }) => ({
    title: INGEST_TITLES[to] ?? `Intake of events: ${to}`,
    detail: `${subject.id}, was ${from.replace('-', ' ')}`,
    tone: to === 'consuming' ? 'good' : 'bad',
  }),
  EndpointAnswers: ({ subject, to }, model) => ({
    title: `${endpointName(subject.id, model)} ${to === 'answers' ? 'answers again' : 'stopped answering'}`,
    detail: `${subject.id.slice(0, subject.id.indexOf('/'))}, asked by Trellis`,
    tone: to === 'answers' ? 'good' : 'bad',
  }),
};

const WORKER_TITLES: Readonly<Record<string, (id: string) => string>> = {
  online: (id) => `${id} sends heartbeats`,
  silent: (id) => `${id} fell silent`,
  offline: (id) => `${id} said good-bye`,
};

const INGEST_TITLES: Readonly<Record<string, string>> = {
  consuming: "Celery's events come in",
  disconnected: "Celery's events do not come in",
  'storing-fails': 'Tasks cannot be stored',
};

/** What happened, in one short sentence with its detail. The model gives names to ids. */
export function describeTransition(transition: Transition, model: Model): TransitionText {
  return DESCRIBE[transition.code](transition, model);
}

function names(list: string): string[] {
  return list === '' ? [] : list.split(' ');
}

function queueName(id: string, model: Model): string {
  return model.queues[id]?.name ?? id;
}

function serverName(raftAddress: string, model: Model): string {
  return Object.values(model.consulServers).find((server) => server.raftAddress === raftAddress)?.id ?? raftAddress;
}

/** The name of what an endpoint (`<source>/<endpoint>`) stands for, where one is known. */
export function endpointName(id: string, model: Model): string {
  const endpoint = id.slice(id.indexOf('/') + 1);
  const sentinel = model.sentinels[endpoint.replace(/^sentinel@/, '')];
  const consul = Object.values(model.consulServers).find(({ own }) => own?.startsWith(`${id}/`));
  return model.redisNodes[endpoint]?.name ?? sentinel?.name ?? consul?.id ?? endpoint;
}
