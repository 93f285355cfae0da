/**
 * Who calls itself master, and who takes writes: every Redis is asked directly, on connections of the bench's own. A held back
 * write would hold back whatever comes after it, so roles and writes have a connection each.
 */
import { Redis } from 'ioredis';
import { ADDRESSES, HOSTS, type Host, PORTS } from '#lab/layout.ts';
import { epochMs } from './clock.ts';
import { overlapMs, type Sample } from './master-overlap.ts';

const SPACING_MS = 20;
const RECONNECT_MS = 20;
const ANSWER_LIMIT_MS = 10_000;
const EXPIRES_S = 60;

/** For how long there were two, in ms. */
export type TwoMasters = {
  /** Two that called themselves master. */
  readonly byRoleMs: number;
  /** Two that called themselves master and took writes. */
  readonly takingWritesMs: number;
};

/** A watch over all data nodes. */
export type MasterWatch = { readonly end: () => TwoMasters };

/** Asks every node every 20 ms until it is ended. */
export function watchMasters(): MasterWatch {
  const nodes = HOSTS.map(watchNode);
  return {
    end: () => {
      for (const { stop } of nodes) stop();
      return {
        byRoleMs: overlapMs(nodes.map(({ roles }) => roles)),
        takingWritesMs: overlapMs(nodes.map(({ writes }) => writes)),
      };
    },
  };
}

type NodeWatch = {
  readonly roles: readonly Sample[];
  /** A write that was taken by one that is master: by nobody else is one ever taken. */
  readonly writes: readonly Sample[];
  readonly stop: () => void;
};

function watchNode(host: Host): NodeWatch {
  const roles: Sample[] = [];
  const writes: Sample[] = [];
  const [asked, written] = [direct(host), direct(host)];
  const note = (samples: Sample[], answer: Promise<boolean>) => {
    answer.then(
      (yes) => void samples.push({ at: epochMs(), yes }),
      () => void samples.push({ at: epochMs(), yes: false }),
    );
  };
  const timer = setInterval(() => {
    note(
      roles,
      asked.role().then(([role]) => role === 'master'),
    );
    note(
      writes,
      written.set(`bench:observed:${host}`, String(epochMs()), 'EX', EXPIRES_S).then((answer) => answer === 'OK'),
    );
  }, SPACING_MS);
  return {
    ...{ roles, writes },
    stop: () => {
      clearInterval(timer);
      for (const client of [asked, written]) client.disconnect();
    },
  };
}

function direct(host: Host): Redis {
  const client = new Redis(PORTS.redis, ADDRESSES[host], {
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    commandTimeout: ANSWER_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_MS,
  });
  client.on('error', () => undefined); // a command that fails says it
  return client;
}
