/** Who the reader is to the server, and what they may do: asked once, and again when it is needed after a while. */
import type { Session } from '#lib/contract/session.ts';

/** null session = not known yet; `failed` = the server did not tell. */
export type SessionState = { session: Session | null; failed: string | null };

export type SessionStore = {
  get(): SessionState;
  /** The first one that listens makes it ask. */
  subscribe(listener: () => void): () => void;
};

const START: SessionState = { session: null, failed: null };
const FRESH_MS = 30_000;

/** A store over the address of the session; nothing is asked before somebody listens. */
export function createSessionStore(url: string): SessionStore {
  const listeners = new Set<() => void>();
  let state = START;
  let askedAt = Number.NEGATIVE_INFINITY;

  function set(next: SessionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  async function ask(): Promise<void> {
    askedAt = performance.now();
    try {
      const response = await fetch(url);
      const body: unknown = await response.json();
      if (response.ok) set({ session: body as Session, failed: null });
      else
        set({
          session: null,
          failed: (body as { detail?: string }).detail ?? `the server answered ${response.status}`,
        });
    } catch {
      // Asked again with the next one that wants to know; what was known stays.
      askedAt = Number.NEGATIVE_INFINITY;
      if (state.session === null) set({ session: null, failed: 'Trellis does not answer.' });
    }
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      if (performance.now() - askedAt > FRESH_MS) void ask();
      return () => void listeners.delete(listener);
    },
  };
}
