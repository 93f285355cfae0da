/** Trellis's stream as a browser reads it, with the moment at which each event arrived. */
import { type ClientRequest, get } from 'node:http';
import type { Hello, PatchEvent, SampleEvent, SnapshotEvent, TransitionEvent } from '#lib/contract/stream.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { applyPatch } from '#lib/model/patch.ts';
import { routes } from '#lib/routes.ts';
import { epochMs } from './clock.ts';
import { EventParser } from './event-parser.ts';

const OPEN_LIMIT_MS = 10_000;
const RETRY_MS = 500;
/** The page ticks once a second; here finer, so that the tick is no part of what is measured. */
const TICK_MS = 20;

/** What can be seen at one moment. */
export type View = {
  readonly model: Model;
  /** The server's clock. */
  readonly now: number;
  /** Those that arrived since the watch began. */
  readonly transitions: readonly TransitionEvent[];
};

/** A sight, its watch, and how it is told. */
type Watch = { seen: (view: View) => boolean; since: number; done: (atMs: number) => void };

/** One connection to the stream; connects again by itself. */
export class LiveStream {
  model: Model = emptyModel();
  rev = -1;
  instance = '';
  /** Connections so far; more than one means that the stream broke. */
  connections = 0;
  /** Patches that did not follow the revision before. */
  gaps = 0;
  lastEventAt = 0;
  readonly transitions: TransitionEvent[] = [];
  #offsetMs = 0;
  #closed = false;
  #request: ClientRequest | undefined;
  readonly #url: string;
  readonly #watches = new Set<Watch>();
  readonly #ticker: NodeJS.Timeout;

  private constructor(url: string) {
    this.#url = `${url}${routes.api.stream}`;
    this.#ticker = setInterval(() => this.#look(), TICK_MS);
    this.#connect();
  }

  /** Returns with the first snapshot. @throws Error when none comes. */
  static async open(url: string): Promise<LiveStream> {
    const live = new LiveStream(url);
    const endMs = performance.now() + OPEN_LIMIT_MS;
    while (live.rev < 0) {
      if (performance.now() > endMs) {
        live.close();
        throw new Error(`no snapshot from ${url} within ${OPEN_LIMIT_MS / 1000} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return live;
  }

  /** The server's time now. */
  serverNow(): number {
    return epochMs() + this.#offsetMs;
  }

  /** The moment (this bench's clock) at which `seen` first held; `null` when it did not within `limitMs`. */
  async firstSeen(seen: (view: View) => boolean, limitMs: number): Promise<number | null> {
    const since = this.transitions.length;
    return new Promise((resolve) => {
      const watch: Watch = {
        seen,
        since,
        done: (atMs) => {
          clearTimeout(limit);
          this.#watches.delete(watch);
          resolve(atMs);
        },
      };
      const limit = setTimeout(() => {
        this.#watches.delete(watch);
        resolve(null);
      }, limitMs);
      this.#watches.add(watch);
    });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#request?.destroy();
  }

  #connect(): void {
    if (this.#closed) return;
    this.connections += 1;
    let retried = false;
    const again = () => {
      if (retried) return;
      retried = true;
      setTimeout(() => this.#connect(), RETRY_MS);
    };
    const parser = new EventParser((name, data) => this.#take(name, data));
    const request = get(this.#url, { headers: { accept: 'text/event-stream' }, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => parser.push(chunk));
      response.on('close', again);
    });
    request.on('error', again);
    this.#request = request;
  }

  #take(name: string, data: string): void {
    const atMs = epochMs();
    this.lastEventAt = atMs;
    const told = JSON.parse(data) as { now?: number };
    if (told.now !== undefined) this.#offsetMs = told.now - atMs;
    switch (name) {
      case 'hello':
        this.instance = (told as Hello).instance;
        break;
      case 'sample':
      case 'throughput':
        this.rev = (told as SampleEvent).rev;
        break;
      case 'snapshot': {
        const { rev, model } = told as SnapshotEvent;
        this.rev = rev;
        this.model = model;
        break;
      }
      case 'patch':
        this.#patch(told as PatchEvent);
        break;
      case 'transition': {
        const transition = told as unknown as TransitionEvent;
        this.rev = transition.rev;
        this.transitions.push(transition);
        break;
      }
    }
    this.#look(atMs);
  }

  #patch(patch: PatchEvent): void {
    if (patch.base === this.rev) {
      this.rev = patch.rev;
      this.model = applyPatch(this.model, patch);
      return;
    }
    this.gaps += 1;
    this.#request?.destroy();
  }

  #look(atMs: number = epochMs()): void {
    for (const watch of this.#watches) {
      const transitions = this.transitions.slice(watch.since);
      if (watch.seen({ model: this.model, now: atMs + this.#offsetMs, transitions })) watch.done(atMs);
    }
  }
}
