/**
 * The live store: one EventSource, one model. Events are canonical and everything on screen is derived from them;
 * an entity that did not change keeps its identity, so only what changed renders.
 */
import type { RunEvent } from '#lib/contract/drills.ts';
import type {
  HeartbeatEvent,
  Hello,
  PatchEvent,
  SampleEvent,
  SnapshotEvent,
  StreamSecond,
  ThroughputEvent,
  TransitionEvent,
} from '#lib/contract/stream.ts';
import type { Run } from '#lib/model/drill.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { applyPatch } from '#lib/model/patch.ts';
import { addSample, NO_SAMPLES, type Samples } from '#lib/model/samples.ts';
import type { Transition } from '#lib/model/transition.ts';
import { joinThroughput } from './throughput-ring.ts';

export const STREAM_STATES = ['connecting', 'live', 'reconnecting', 'polling'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

export type Live = {
  stream: StreamState;
  estate: { name: string; colour: string } | null;
  model: Model;
  /** Newest last. */
  transitions: readonly Transition[];
  samples: Samples;
  /** Tasks by the second, an hour of them, oldest first; a second in which the intake was blind is missing. */
  throughput: readonly StreamSecond[];
  /** The drill's run that was told of last; null = none since the page was opened. */
  run: Run | null;
  /** What to add to this browser's clock to get the server's (ms). */
  clockOffsetMs: number;
};

export type LiveStore = {
  get(): Live;
  subscribe(listener: () => void): () => void;
  /** Opens the stream; the returned function closes it. */
  open(urls: { stream: string; estate: string }): () => void;
};

const TRANSITIONS_KEPT = 200;
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
/** A tab that nobody sees gives its connection back: browsers allow six for each server. */
const HIDDEN_CLOSE_MS = 60_000;
/** The server sends a heartbeat every 5 s; a connection that hangs stays open without a word. */
const SILENCE_MS = 12_000;

/** Failed attempts after which the page asks for the whole model instead, until the stream is back. */
const POLL_FROM = 3;
const POLL_MS = 5_000;

const START: Live = {
  ...{ stream: 'connecting', estate: null, model: emptyModel(), transitions: [] },
  ...{ samples: NO_SAMPLES, throughput: [], run: null, clockOffsetMs: 0 },
};

/** What `/api/v1/estate` answers. */
type Polled = Pick<Live, 'model' | 'transitions' | 'samples'> &
  Partial<Pick<Live, 'throughput'>> & { estate: Live['estate']; now: number };

/** A store that is not connected yet. */
export function createLiveStore(): LiveStore {
  const listeners = new Set<() => void>();
  let live = START;
  let rev = -1;

  function set(next: Partial<Live>): void {
    live = { ...live, ...next };
    for (const listener of listeners) listener();
  }

  function open(urls: { stream: string; estate: string }): () => void {
    let source: EventSource | null = null;
    let retryMs = RETRY_FIRST_MS;
    let retryTimer: ReturnType<typeof setTimeout> | undefined;
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
    let silenceTimer: ReturnType<typeof setTimeout> | undefined;
    let pollTimer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let closed = false;

    function reconnect(): void {
      disconnect();
      failures += 1;
      if (failures === POLL_FROM) void poll();
      if (live.stream !== 'polling') set({ stream: 'reconnecting' });
      retryTimer = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
    }

    /** Some proxies cut event streams; the picture then still comes, whole and a few seconds old. */
    async function poll(): Promise<void> {
      if (failures < POLL_FROM || closed) return;
      const startedAt = Date.now();
      try {
        const response = await fetch(urls.estate, { signal: AbortSignal.timeout(POLL_MS) });
        const polled = response.ok ? ((await response.json()) as Polled) : null;
        if (failures < POLL_FROM || closed) return;
        if (polled === null) set({ stream: 'reconnecting' });
        else {
          const { model, transitions, samples, estate, now } = polled;
          const throughput = joinThroughput(live.throughput, polled.throughput ?? []);
          const clockOffsetMs = now - Date.now();
          set({ stream: 'polling', model, transitions, samples, throughput, estate, clockOffsetMs });
        }
      } catch {
        set({ stream: 'reconnecting' });
      }
      pollTimer = setTimeout(poll, Math.max(0, startedAt + POLL_MS - Date.now()));
    }

    function disconnect(): void {
      clearTimeout(retryTimer);
      clearTimeout(silenceTimer);
      source?.close();
      source = null;
    }

    function alive(): void {
      clearTimeout(silenceTimer);
      silenceTimer = setTimeout(reconnect, SILENCE_MS);
    }

    function connect(): void {
      disconnect();
      const opened = new EventSource(urls.stream);
      source = opened;
      const on = <T>(event: string, handle: (data: T) => void) =>
        opened.addEventListener(event, (message) => {
          alive();
          handle(JSON.parse((message as MessageEvent<string>).data) as T);
        });
      alive();
      on<Hello>('hello', (hello) => {
        retryMs = RETRY_FIRST_MS;
        failures = 0;
        clearTimeout(pollTimer);
        set({ estate: hello.estate, clockOffsetMs: hello.now - Date.now() });
      });
      on<SnapshotEvent>('snapshot', (snapshot) => {
        rev = snapshot.rev;
        const { model, transitions, samples } = snapshot;
        const throughput = joinThroughput(live.throughput, snapshot.throughput);
        set({ stream: 'live', model, transitions, samples, throughput });
      });
      on<PatchEvent>('patch', (patch) => {
        // A revision is missing: start again from a snapshot.
        if (patch.base !== rev) return reconnect();
        rev = patch.rev;
        set({ stream: 'live', model: applyPatch(live.model, patch), clockOffsetMs: patch.now - Date.now() });
      });
      on<TransitionEvent>('transition', ({ rev: at, ...transition }) => {
        rev = at;
        set({ transitions: [...live.transitions.slice(1 - TRANSITIONS_KEPT), transition] });
      });
      on<SampleEvent>('sample', ({ rev: at, at: takenAt, figures }) => {
        rev = at;
        set({ samples: addSample(live.samples, takenAt, figures) });
      });
      on<ThroughputEvent>('throughput', ({ rev: at, second }) => {
        rev = at;
        set({ throughput: joinThroughput(live.throughput, [second]) });
      });
      on<RunEvent>('run', ({ rev: at, run }) => {
        rev = at;
        set({ run });
      });
      on<HeartbeatEvent>('heartbeat', (beat) => set({ clockOffsetMs: beat.now - Date.now() }));
      on('bye', reconnect);
      opened.addEventListener('error', reconnect);
    }

    function onVisibility(): void {
      clearTimeout(hiddenTimer);
      if (document.hidden) hiddenTimer = setTimeout(disconnect, HIDDEN_CLOSE_MS);
      else if (source === null) connect();
    }

    document.addEventListener('visibilitychange', onVisibility);
    connect();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(hiddenTimer);
      clearTimeout(pollTimer);
      closed = true;
      disconnect();
    };
  }

  return {
    get: () => live,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    open,
  };
}
