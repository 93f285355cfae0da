/**
 * Reads Celery's results where they are kept, and never writes. A replica is asked first; what a replica does not have it
 * may not have yet, so only a master's word makes a result absent.
 */
import type { TimerClock } from '#server/runtime/clock.ts';
import { type RedisAnswer, type ResultLink, type ResultLogin, resultLink } from './result-reader-link.ts';

/** A Redis that keeps results, as the model or the configuration tells it. `address` is `address:port`. */
export type ResultNode = { address: string; role: 'master' | 'replica' | null; up: boolean };

export type ResultReaderOptions = ResultLogin & {
  /** Celery's `global_keyprefix`, '' where there is none. */
  keyPrefix: string;
  /** Nodes of the configuration, for as long as `setNodes` told none. */
  nodes: readonly ResultNode[];
  clock: TimerClock;
};

/** What is known of some results; an id that is in neither could not be read this time. */
export type ResultsRead = {
  /** Stored values by task id. */
  found: ReadonlyMap<string, string>;
  /** A master has no result of these. */
  absent: ReadonlySet<string>;
  /** Addresses that answered. */
  asked: readonly string[];
  /** Why some could not be read; null = all could. */
  problem: string | null;
};

/** Where a walk through all results stands: a node's own cursor. */
export type ScanPlace = { address: string; cursor: string };

export type ScanPage = {
  found: ReadonlyMap<string, string>;
  /** Where to go on; null = the walk is complete. */
  next: ScanPlace | null;
  keys: number;
};

export type ResultReader = {
  /** Which nodes there are now. An empty list leaves those of the configuration. */
  setNodes(nodes: readonly ResultNode[]): void;
  /** Results of these tasks, within `RESULT_LIMITS`. Never rejects. */
  read(ids: readonly string[]): Promise<ResultsRead>;
  /** One step of a walk through all results; `null` begins it. @throws Error when no node answers */
  scan(place: ScanPlace | null): Promise<ScanPage>;
  close(): void;
};

/** What one question may cost the store. Redis answers all of it in a few milliseconds. */
export const RESULT_LIMITS = {
  keysPerRead: 500,
  bytesPerRead: 2 * 1024 * 1024,
  /** One node's time for one pipeline; one that hangs then makes place for the next. */
  nodeMs: 2_000,
  /** All nodes' time for one read. */
  readMs: 6_000,
  /** Keys that one SCAN looks at. */
  scanCount: 500,
} as const;

const META = 'celery-task-meta-';

/** The start of the keys of results, as Celery makes it of its `global_keyprefix`. */
export function resultKeyStart(keyPrefix: string): string {
  return `${keyPrefix}${keyPrefix === '' || /[:_\-.]$/.test(keyPrefix) ? '' : '_'}${META}`;
}

/** A reader that connects when it is asked. */
export function resultReader(options: ResultReaderOptions): ResultReader {
  const { clock } = options;
  const start = resultKeyStart(options.keyPrefix);
  const links = new Map<string, ResultLink>();
  let nodes = options.nodes;

  function linkTo(address: string): ResultLink {
    const known = links.get(address);
    if (known !== undefined) return known;
    const link = resultLink(address, options, clock);
    links.set(address, link);
    return link;
  }

  async function read(ids: readonly string[]): Promise<ResultsRead> {
    const until = clock.now() + RESULT_LIMITS.readMs;
    const found = new Map<string, string>();
    const asked: string[] = [];
    const problems: string[] = nodes.length === 0 ? ['no node of the result store is known'] : [];
    let open: readonly string[] = ids.slice(0, RESULT_LIMITS.keysPerRead);
    let absent: readonly string[] = [];
    for (const node of inOrder(nodes)) {
      if (open.length === 0 || clock.now() >= until) break;
      try {
        const answer = await readFrom(linkTo(node.address), node, start, open);
        for (const [id, value] of answer.found) found.set(id, value);
        if (answer.tooLarge > 0) problems.push(`${answer.tooLarge} results are larger than Trellis reads`);
        if (answer.left.length > 0) problems.push('not all results fit into one read');
        asked.push(node.address);
        if (answer.role === 'master') absent = answer.absent;
        open = answer.role === 'master' ? [] : answer.absent;
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    if (open.length > 0 && asked.length > 0) problems.push('no master answers, and a replica may lag');
    if (problems.length === 0 && absent.length + found.size < ids.length)
      problems.push('not all could be read this time');
    const isWhole = open.length === 0 && absent.length + found.size === ids.length;
    return { found, absent: new Set(absent), asked, problem: isWhole ? null : (problems.at(-1) ?? null) };
  }

  async function scanFrom(address: string, cursor: string): Promise<ScanPage> {
    const link = linkTo(address);
    const ask = ['scan', cursor, 'match', `${globEscaped(start)}*`, 'count', String(RESULT_LIMITS.scanCount)];
    const { next, keys } = pageOf((await link.run([ask], RESULT_LIMITS.nodeMs))[0]);
    const ids = keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
    const found = new Map<string, string>();
    // A page may hold more keys, and more bytes, than one read takes.
    for (let open: readonly string[] = ids; open.length > 0; ) {
      const { found: values, left } = await readFrom(
        link,
        { role: null },
        start,
        open.slice(0, RESULT_LIMITS.keysPerRead),
      );
      for (const [id, value] of values) found.set(id, value);
      open = [...left, ...open.slice(RESULT_LIMITS.keysPerRead)];
    }
    return { found, next: next === '0' ? null : { address, cursor: next }, keys: keys.length };
  }

  return {
    setNodes(told) {
      nodes = told.length === 0 ? options.nodes : told;
      for (const [address, link] of links) {
        if (nodes.some((node) => node.address === address)) continue;
        link.close();
        links.delete(address);
      }
    },
    read,
    async scan(place) {
      let failure = new Error('no node of the result store is known');
      // A cursor means something to its own node alone: on another one the walk begins again.
      const here = place === null ? [] : nodes.filter(({ address }) => address === place.address);
      for (const { address } of new Set([...here, ...inOrder(nodes)])) {
        try {
          return await scanFrom(address, address === place?.address ? place.cursor : '0');
        } catch (error) {
          failure = error as Error;
        }
      }
      throw failure;
    },
    close() {
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}

/** One replica, then the masters, then whoever may have become master meanwhile; those that are down last. */
function inOrder(nodes: readonly ResultNode[]): readonly ResultNode[] {
  const first = nodes.find(({ role, up }) => role === 'replica' && up);
  const rank = (node: ResultNode) =>
    (node.up ? 0 : 10) + (node === first ? 0 : node.role === 'master' ? 1 : node.role === null ? 2 : 3);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

type NodeAnswer = {
  role: ResultNode['role'];
  found: ReadonlyMap<string, string>;
  absent: readonly string[];
  /** Left for another read: this one is full. */
  left: readonly string[];
  tooLarge: number;
};

/** Sizes first: a task may return hundreds of megabytes. */
async function readFrom(
  link: ResultLink,
  { role }: Pick<ResultNode, 'role'>,
  start: string,
  ids: readonly string[],
): Promise<NodeAnswer> {
  const [roleAnswer, ...sizes] = await link.run(
    [['role'], ...ids.map((id) => ['strlen', `${start}${id}`])],
    RESULT_LIMITS.nodeMs,
  );
  const absent: string[] = [];
  const wanted: string[] = [];
  const left: string[] = [];
  let bytes = 0;
  let tooLarge = 0;
  for (const [i, id] of ids.entries()) {
    const size = sizes[i];
    if (size instanceof Error && /^NOPERM/.test(size.message)) throw size;
    if (size === 0) absent.push(id);
    if (typeof size !== 'number' || size <= 0) continue;
    if (size > RESULT_LIMITS.bytesPerRead) tooLarge += 1;
    else if (bytes + size <= RESULT_LIMITS.bytesPerRead) {
      bytes += size;
      wanted.push(id);
    } else left.push(id);
  }
  const gets = wanted.map((id) => ['get', `${start}${id}`]);
  const values = gets.length === 0 ? [] : await link.run(gets, RESULT_LIMITS.nodeMs);
  const found = new Map<string, string>();
  for (const [i, id] of wanted.entries()) {
    const value = values[i];
    if (typeof value === 'string') found.set(id, value);
  }
  return { role: roleOf(roleAnswer) ?? role, found, absent, left, tooLarge };
}

/** The node's own word counts more than what was told of it: a switch may be under way. */
function roleOf(answer: RedisAnswer | undefined): ResultNode['role'] {
  const [word] = Array.isArray(answer) ? answer : [];
  return word === 'master' ? 'master' : word === 'slave' ? 'replica' : null;
}

function pageOf(answer: RedisAnswer | undefined): { next: string; keys: string[] } {
  if (answer instanceof Error) throw answer;
  const [next, keys] = Array.isArray(answer) ? answer : [];
  if (typeof next !== 'string' || !/^\d+$/.test(next) || !Array.isArray(keys)) throw new Error('SCAN answers no page');
  return { next, keys: keys.filter((key) => typeof key === 'string') };
}

function globEscaped(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
