/** Whether a worker's process is still there, by what Trellis sees of it. Pure. */
import type { Model } from '#lib/model/model.ts';

/** What is seen, in a sentence. */
export type Presence = { gone: boolean; text: string };

/** A process ends within this after its good-bye, the last that it sends. */
export const GOODBYE_MS = 2_000;

/** The process that is watched, and since when (epoch ms). */
export type Watched = { worker: string; pid: number | null; since: number };

/**
 * Gone = it said good-bye a moment ago and its connections are gone, another process has its name, or its heartbeat stopped and its queue of remote control (deleted with
 * its connection) is gone as well. A heartbeat that stopped may be a pause, or a cut of the network.
 */
export function presenceOf(model: Model, { worker, pid, since }: Watched, now: number): Presence {
  const told = model.celeryWorkers[worker];
  const isCut = (model.workers[worker]?.goneSince ?? null) !== null;
  if (told === undefined) {
    return isCut
      ? { gone: true, text: 'its connections to the broker are gone' }
      : { gone: false, text: 'no heartbeat of it was ever seen' };
  }
  if (pid !== null && told.pid !== null && told.pid !== pid && (told.heartbeatAt ?? 0) >= since)
    return { gone: true, text: `its process ${pid} is gone; process ${told.pid} has its name now` };
  if (told.state === 'offline' && told.since >= since) {
    const isKnown = model.workers[worker] !== undefined;
    const isOver = now - told.since >= GOODBYE_MS && (isCut || !isKnown);
    return { gone: isOver, text: isOver ? 'it said good-bye' : 'it said good-bye, and is ending' };
  }
  const age = told.heartbeatAt === null ? 'never came' : `is ${secondsOf(now - told.heartbeatAt)} s old`;
  if (told.state === 'silent' && isCut)
    return { gone: true, text: `its heartbeat ${age} and its connections to the broker are gone` };
  return { gone: false, text: `its heartbeat ${age}${isCut ? '; its connections to the broker are gone' : ''}` };
}

/** The process that has the name of this worker now. */
export function watchedNow(model: Model, worker: string, now: number): Watched {
  return { worker, pid: model.celeryWorkers[worker]?.pid ?? null, since: now };
}

/** Workers that should answer: those with a heartbeat, or with a queue of remote control. */
export function workersThere(model: Model): string[] {
  const beating = Object.values(model.celeryWorkers).filter(({ state }) => state === 'online');
  const present = Object.values(model.workers).filter(({ goneSince }) => goneSince === null);
  return [...new Set([...beating, ...present].map(({ id }) => id))].sort();
}

/** The largest lead (ms) that the clock of one of these has over Trellis's; null = all that are known. */
export function clockLeadMs(model: Model, workers: readonly string[] | null): number {
  const leads = (workers ?? Object.keys(model.celeryWorkers)).map((id) => model.celeryWorkers[id]?.clockSkewMs ?? 0);
  return Math.max(0, ...leads);
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.round(ms / 1_000));
}
