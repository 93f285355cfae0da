/**
 * The live store: one EventSource, one model. Events are canonical and everything on screen is derived from them;
 * an entity that did not change keeps its identity, so only what changed renders.
 */
import type { HeartbeatEvent, Hello, PatchEvent, SnapshotEvent, TransitionEvent } from '#lib/contract/stream.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { applyPatch } from '#lib/model/patch.ts';
import type { Transition } from '#lib/model/transition.ts';

export const STREAM_STATES = ['connecting', 'live', 'reconnecting'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

export type Live = {
  stream: StreamState;
  estate: { name: string; colour: string } | null;
  model: Model;
  /** Newest last. */
  transitions: readonly Transition[];
  /** What to add to this browser's clock to get the server's (ms). */
  clockOffsetMs: number;
};

export type LiveStore = {
  get(): Live;
  subscribe(listener: () => void): () => void;
  /** Opens the stream; the returned function closes it. */
  open(url: string): () => void;
};

const TRANSITIONS_KEPT = 200;
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
/** A tab that nobody sees gives its connection back: browsers allow six for each server. */
const HIDDEN_CLOSE_MS = 60_000;
/** The server sends a heartbeat every 5 s; a connection that hangs stays open without a word. */
const SILENCE_MS = 12_000;

const START: Live = { stream: 'connecting', estate: null, model: emptyModel(), transitions: [], clockOffsetMs: 0 };

/** A store that is not connected yet. */
export function createLiveStore(): LiveStore {
  const listeners = new Set<() => void>();
  let live = START;
  let rev = -1;

  function set(next: Partial<Live>): void {
    live = { ...live, ...next };
    for (const listener of listeners) listener();
  }

  function open(url: string): () => void {
    let source: EventSource | null = null;
    let retryMs = RETRY_FIRST_MS;
    let retryTimer: ReturnType<typeof setTimeout> | undefined;
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
    let silenceTimer: ReturnType<typeof setTimeout> | undefined;

    function reconnect(): void {
      disconnect();
      set({ stream: 'reconnecting' });
      retryTimer = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
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
      const opened = new EventSource(url);
      source = opened;
      const on = <T>(event: string, handle: (data: T) => void) =>
        opened.addEventListener(event, (message) => {
          alive();
          handle(JSON.parse((message as MessageEvent<string>).data) as T);
        });
      alive();
      on<Hello>('hello', (hello) => {
        retryMs = RETRY_FIRST_MS;
        set({ estate: hello.estate, clockOffsetMs: hello.now - Date.now() });
      });
      on<SnapshotEvent>('snapshot', (snapshot) => {
        rev = snapshot.rev;
        set({ stream: 'live', model: snapshot.model, transitions: snapshot.transitions });
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
