/** Whether the proxies can be told what drills tell them: HAProxy says itself what its runtime socket is allowed. */
import type { EstateActions } from '#server/actions/estate-actions.ts';

export type Sockets = {
  /** Asks all of them; resolves when each has answered or failed. */
  look(): Promise<void>;
  /** What keeps a proxy from being told, as far as was seen; null = nothing. */
  problem(proxy: string): string | null;
};

/** `proxies` = those with a runtime socket in the configuration. */
export function createSockets(proxies: readonly string[], level: EstateActions['haproxy']['level']): Sockets {
  const problems = new Map<string, string | null>();
  let looking: Promise<unknown> | null = null;
  return {
    async look() {
      const ask = async (proxy: string) => problems.set(proxy, await problemOf(proxy, level));
      // Several who look at plans ask once.
      looking ??= Promise.all(proxies.map(ask)).finally(() => {
        looking = null;
      });
      await looking;
    },
    problem(proxy) {
      return proxies.includes(proxy)
        ? (problems.get(proxy) ?? null)
        : 'no socket of level admin stands under acting.haproxy';
    },
  };
}

async function problemOf(proxy: string, level: EstateActions['haproxy']['level']): Promise<string | null> {
  try {
    const told = await level(proxy, new AbortController().signal);
    // An old HAProxy does not tell; its first answer will.
    if (told === null || told === 'admin') return null;
    return `its socket is of level ${told}: name one of level admin under acting.haproxy`;
  } catch (error) {
    return `its socket does not answer (${(error as Error).message})`;
  }
}
