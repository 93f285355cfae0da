/** Watches Trellis while backends are away: does it answer, does it age what it shows, does it claim what nobody says? */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCurrent, staleAfterMs } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import { epochMs } from './clock.ts';
import type { LiveStream } from './live-stream.ts';
import type { Trellis } from './session.ts';
import { cardsOf, observersOf } from './shown.ts';

const LOOK_MS = 500;
const ANSWER_LIMIT_MS = 1_000;
const SILENCE_LIMIT_MS = 12_000;
/** A probe that is under way when the fault comes may still bring an answer. */
const UNDER_WAY_MS = 3_000;
const BROKEN_SHOWN = 5;
/** By then every probe of an endpoint has failed or is stale. */
const SILENT_LIMIT_MS = 20_000;

/** What was found. */
export type Watched = {
  readonly broken: readonly string[];
  readonly slowestAnswerMs: number;
  readonly longestSilenceMs: number;
};

/** Looks twice a second from its creation to `end`. */
export class MatrixWatch {
  readonly #trellis: Trellis;
  readonly #live: LiveStream;
  readonly #away: ReadonlySet<string>;
  readonly #broken = new Set<string>();
  readonly #instance: string;
  readonly #connections: number;
  readonly #done: Promise<void>;
  #fault: { from: number; to: number | null } | null = null;
  #slowestAnswerMs = 0;
  #longestSilenceMs = 0;
  #ended = false;

  constructor(trellis: Trellis, live: LiveStream, away: readonly string[]) {
    this.#trellis = trellis;
    this.#live = live;
    this.#away = new Set(away);
    this.#instance = live.instance;
    this.#connections = live.connections;
    this.#done = this.#loop();
  }

  /** All backends are away from now on. */
  faultIsThere(atMs: number): void {
    this.#fault = { from: atMs, to: null };
  }

  /** They come back from now on. */
  faultEnds(atMs: number): void {
    if (this.#fault === null) return;
    this.#fault = { ...this.#fault, to: atMs };
    if (atMs - this.#fault.from >= SILENT_LIMIT_MS) this.#checkAnnounced();
  }

  /** Stops looking and says what was found. */
  async end(): Promise<Watched> {
    this.#ended = true;
    await this.#done;
    if (this.#live.instance !== this.#instance || this.#trellis.child.hasEnded)
      this.#broken.add('Trellis was restarted');
    if (this.#live.connections !== this.#connections) this.#broken.add('the stream broke');
    const all = [...this.#broken];
    const more = all.length - BROKEN_SHOWN;
    return {
      broken: more > 0 ? [...all.slice(0, BROKEN_SHOWN), `and ${more} more`] : all,
      slowestAnswerMs: this.#slowestAnswerMs,
      longestSilenceMs: this.#longestSilenceMs,
    };
  }

  /** Trellis says what it cannot see: a line on the timeline for every endpoint that is away. */
  #checkAnnounced(): void {
    const announced = new Set(
      this.#live.transitions.flatMap(({ code, subject, to }) =>
        code === 'EndpointAnswers' && to === 'silent' ? [subject.id] : [],
      ),
    );
    for (const { source, endpoint } of Object.values(this.#live.model.readings)) {
      if (!this.#away.has(source) || endpoint === 'cluster' || announced.has(`${source}/${endpoint}`)) continue;
      this.#broken.add(`${source}/${endpoint} was not announced as silent`);
    }
  }

  async #loop(): Promise<void> {
    while (!this.#ended) {
      const nextMs = performance.now() + LOOK_MS;
      await this.#askLive();
      this.#checkStream();
      this.#checkShown();
      await sleep(Math.max(0, nextMs - performance.now()));
    }
  }

  async #askLive(): Promise<void> {
    const startedMs = performance.now();
    try {
      const response = await fetch(`${this.#trellis.url}/api/health/live`, { signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      if (!response.ok) this.#broken.add(`live answered ${response.status}`);
    } catch (error) {
      this.#broken.add(`live did not answer: ${(error as Error).message}`);
    }
    const tookMs = performance.now() - startedMs;
    this.#slowestAnswerMs = Math.max(this.#slowestAnswerMs, tookMs);
    if (tookMs > ANSWER_LIMIT_MS) this.#broken.add(`live took longer than ${ANSWER_LIMIT_MS / 1000} s`);
  }

  #checkStream(): void {
    const silenceMs = epochMs() - this.#live.lastEventAt;
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, silenceMs);
    if (silenceMs > SILENCE_LIMIT_MS)
      this.#broken.add(`the stream was silent for more than ${SILENCE_LIMIT_MS / 1000} s`);
  }

  #checkShown(): void {
    const { model } = this.#live;
    const now = this.#live.serverNow();
    for (const { kind, id, shown, observers } of greens(model, now)) {
      const vouching = observers.some((key) => isCurrent(model.readings[key], now));
      if (!vouching) this.#broken.add(`${kind} ${id} is shown "${shown}" though nobody vouches for it now`);
    }
    this.#checkAway(model, now);
  }

  /** While the backends are away for certain: their readings must not get younger, and nothing of theirs may be green for long. */
  #checkAway(model: Model, now: number): void {
    if (this.#fault === null || this.#fault.to !== null) return;
    const awayMs = epochMs() - this.#fault.from;
    if (awayMs < UNDER_WAY_MS) return;
    for (const reading of Object.values(model.readings)) {
      if (!this.#away.has(reading.source) || reading.at === null) continue;
      const ageMs = now - reading.at;
      if (ageMs < awayMs - UNDER_WAY_MS) this.#broken.add(`${reading.key} got younger while nobody answered`);
    }
    for (const { kind, id, shown, observers } of greens(model, now)) {
      const readings = observers.flatMap((key) => model.readings[key] ?? []);
      if (readings.length === 0 || !readings.every(({ source }) => this.#away.has(source))) continue;
      if (awayMs > graceMs(readings))
        this.#broken.add(`${kind} ${id} is shown "${shown}" though all its observers are away`);
    }
  }
}

type Green = { kind: string; id: string; shown: string; observers: readonly string[] };

/** Everything that the page shows in the colour of "ok": cards, and queues whose reading is fresh and whose copies are in sync. */
function greens(model: Model, now: number): Green[] {
  const cards = cardsOf(model, now)
    .filter(({ shown }) => shown.status === 'ok')
    .map(({ kind, id, shown, observers }) => ({ kind, id, shown: shown.word, observers }));
  const queues = Object.values(model.queues)
    .filter(({ by }) => isCurrent(model.readings[by], now))
    .map((queue) => ({ kind: 'queues', id: queue.id, shown: 'fresh', observers: observersOf(queue, model) }));
  return [...cards, ...queues];
}

/** How long the last answers may speak: until the slowest of them is stale. */
function graceMs(readings: readonly Reading[]): number {
  return UNDER_WAY_MS + Math.max(...readings.map(({ intervalMs }) => staleAfterMs(intervalMs)));
}
