import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#server/runtime/clock.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type RespAnswers, serveResp } from '#server/sources/fault-resp.ts';
import { type FaultServer, listenLoopback, PLANTED } from '#server/sources/fault-server.ts';
import { RESULT_LIMITS, type ResultNode, resultKeyStart, resultReader } from './result-reader.ts';

/** A Redis with these keys. */
function store(keys: Readonly<Record<string, string>>, role: 'master' | 'slave'): RespAnswers {
  return ([name, first = '', ...rest]) => {
    if (name === 'ROLE') return role === 'master' ? ['master', 1, []] : ['slave', '127.0.0.1', 1, 'connected', 1];
    const key = Object.keys(keys).find((one) => one.toUpperCase() === first.toUpperCase());
    if (name === 'STRLEN') return key === undefined ? 0 : Buffer.byteLength(keys[key] ?? '');
    if (name === 'GET') return key === undefined ? null : (keys[key] ?? null);
    if (name === 'SCAN') return page(Object.keys(keys), Number(first), rest);
    return undefined;
  };
}

/** Two keys at a time, whatever COUNT says; the pattern is a start. */
function page(keys: readonly string[], from: number, [, pattern = '']: readonly string[]) {
  const start = pattern.replace(/\*$/, '').replaceAll('\\', '');
  const found = keys.slice(from, from + 2).filter((key) => key.startsWith(start));
  return [String(from + 2 < keys.length ? from + 2 : 0), found];
}

async function served(keys: Readonly<Record<string, string>>, role: 'master' | 'slave' = 'master') {
  const server = await serveResp(store(keys, role));
  onTestFinished(() => server.stop());
  return server;
}

const asNode = ({ address }: FaultServer, role: ResultNode['role'], up = true): ResultNode => ({ address, role, up });

function readerOf(nodes: readonly ResultNode[], more: object = {}) {
  const options = { db: 0, keyPrefix: '', nodes, clock: systemClock(), ...more };
  const reader = resultReader(options);
  onTestFinished(() => reader.close());
  return reader;
}

const meta = (id: string) => `celery-task-meta-${id}`;
const read = (asked: { found: ReadonlyMap<string, string>; absent: ReadonlySet<string> }) => ({
  found: Object.fromEntries(asked.found),
  absent: [...asked.absent],
});

test('a replica is asked first, and the master only for what the replica lacks', async () => {
  const replica = await served({ [meta('a')]: '1' }, 'slave');
  const master = await served({ [meta('a')]: '1', [meta('b')]: '2' });
  const result = await readerOf([asNode(master, 'master'), asNode(replica, 'replica')]).read(['a', 'b', 'c']);
  expect(read(result)).toEqual({ found: { a: '1', b: '2' }, absent: ['c'] });
  expect(result).toMatchObject({ problem: null, asked: [replica.address, master.address] });
  expect(master.asked.filter((line) => /strlen/i.test(line))).toEqual([`strlen ${meta('b')}`, `strlen ${meta('c')}`]);
});

test('what a replica lacks is not absent while no master answers', async () => {
  const replica = await served({}, 'slave');
  const result = await readerOf([asNode(replica, 'replica')]).read(['a']);
  expect(read(result)).toEqual({ found: {}, absent: [] });
  expect(result.problem).toBe('no master answers, and a replica may lag');
});

test('a node that was told to be master and is none any more makes nothing absent: who became master is asked', async () => {
  const old = await served({}, 'slave');
  const promoted = await served({ [meta('a')]: '1' });
  const result = await readerOf([asNode(old, 'master'), asNode(promoted, 'replica', false)]).read(['a', 'b']);
  expect(read(result)).toEqual({ found: { a: '1' }, absent: ['b'] });
});

test('a node that hangs costs its own time limit, and the next one is asked', async () => {
  const clock = manualClock();
  const hung = await served({ [meta('a')]: '1' }, 'slave');
  const master = await served({ [meta('a')]: '1' });
  hung.fault = 'no-answer-after-login';
  const reading = readerOf([asNode(hung, 'replica'), asNode(master, 'master')], { clock }).read(['a']);
  await hung.nextQuestion();
  clock.advance(RESULT_LIMITS.nodeMs);
  const result = await reading;
  expect(read(result).found).toEqual({ a: '1' });
  await hung.noneLeft('open');
});

test.each([
  'noauth',
  'loading',
  'garbage',
  'html',
  'nil',
  'integer',
  'closed-before-answer',
  'old-server',
  'noperm',
  'oversized',
])(
  'a server that is broken (%s) is a problem without secrets, makes nothing absent, and works again once it is mended',
  async (fault) => {
    const server = await served({ [meta('a')]: '1' });
    const reader = readerOf([asNode(server, 'master')], { password: PLANTED.password });
    server.fault = fault;
    const broken = await reader.read(['a', 'b']);
    expect(read(broken)).toEqual({ found: {}, absent: [] });
    expect(broken.problem).not.toContain(PLANTED.password);
    server.fault = null;
    expect(read(await reader.read(['a', 'b']))).toEqual({ found: { a: '1' }, absent: ['b'] });
  },
);

test.each([
  ['nil', '$-1\r\n'],
  ['errors and nil', '-ERR no\r\n$-1\r\n'],
  ['nil and garbage', '$-1\r\n\u0007\u0007\r\n'],
])('answers that nobody asked for (%s) end the connection, and nothing else', async (_what, unasked) => {
  const server = await listenLoopback((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const questions = chunk.toString('latin1').match(/\*\d+\r\n/g)?.length ?? 0;
      socket.write('$-1\r\n'.repeat(questions) + unasked.repeat(3));
    });
  });
  onTestFinished(() => server.stop());
  const reader = readerOf([asNode(server, 'master')]);
  await reader.read(['a']);
  await server.noneLeft('open');
});

test('a result larger than a read takes is left, the others come', async () => {
  const master = await served({ [meta('huge')]: 'x'.repeat(RESULT_LIMITS.bytesPerRead + 1), [meta('a')]: '1' });
  const result = await readerOf([asNode(master, 'master')]).read(['huge', 'a']);
  expect(read(result)).toEqual({ found: { a: '1' }, absent: [] });
  expect(result.problem).toBe('1 results are larger than Trellis reads');
});

test('results that do not fit into one read together are left for the next', async () => {
  const half = 'x'.repeat(RESULT_LIMITS.bytesPerRead / 2);
  const master = await served({ [meta('a')]: half, [meta('b')]: half, [meta('c')]: half });
  const result = await readerOf([asNode(master, 'master')]).read(['a', 'b', 'c']);
  expect([...result.found.keys()]).toEqual(['a', 'b']);
  expect(result.absent.size).toBe(0);
});

test('no more keys are asked than a read takes', async () => {
  const master = await served({});
  const ids = Array.from({ length: RESULT_LIMITS.keysPerRead + 1 }, (_, i) => `t${i}`);
  const result = await readerOf([asNode(master, 'master')]).read(ids);
  expect(result.absent.size).toBe(RESULT_LIMITS.keysPerRead);
  expect(master.asked.filter((line) => line.startsWith('strlen'))).toHaveLength(RESULT_LIMITS.keysPerRead);
});

test('a walk finds every result once, through however many pages, and only results', async () => {
  const keys = { [meta('a')]: '1', other: 'x', [meta('b')]: '2', 'celery-taskset-meta-g': 'y', [meta('c')]: '3' };
  const replica = await served(keys, 'slave');
  const reader = readerOf([asNode(replica, 'replica')]);
  const found: Record<string, string> = {};
  for (let place = null, pages = 0; pages < 10; pages++) {
    const next = await reader.scan(place);
    Object.assign(found, Object.fromEntries(next.found));
    if (next.next === null) break;
    place = next.next as never;
  }
  expect(found).toEqual({ a: '1', b: '2', c: '3' });
});

test('a walk whose node is gone begins again on another one', async () => {
  const keys = { [meta('a')]: '1', [meta('b')]: '2', [meta('c')]: '3' };
  const [first, second] = [await served(keys, 'slave'), await served(keys, 'slave')];
  const reader = readerOf([asNode(first, 'replica'), asNode(second, 'replica')]);
  const { next } = await reader.scan(null);
  await first.stop();
  const page = await reader.scan(next);
  expect(page.next).toEqual({ address: second.address, cursor: '2' });
  expect(page.found.has('a')).toBe(true);
});

test('nodes that the model tells replace those of the configuration, until it tells none', async () => {
  const [configured, told] = [await served({}), await served({ [meta('a')]: '1' })];
  const reader = readerOf([asNode(configured, null)]);
  expect(read(await reader.read(['a'])).absent).toEqual(['a']);
  reader.setNodes([asNode(told, 'master')]);
  expect(read(await reader.read(['a'])).found).toEqual({ a: '1' });
  await configured.noneLeft('open');
  reader.setNodes([]);
  expect(read(await reader.read(['a'])).absent).toEqual(['a']);
});

test('nothing but reads is ever sent', async () => {
  const master = await served({ [meta('a')]: '1' });
  const reader = readerOf([asNode(master, 'master')]);
  await reader.read(['a']);
  await reader.scan(null);
  const commands = new Set(master.asked.map((line) => line.split(' ')[0]?.toLowerCase()));
  expect([...commands].sort()).toEqual(['client', 'get', 'role', 'scan', 'strlen']);
});

test.each([
  ['', 'celery-task-meta-'],
  ['shop', 'shop_celery-task-meta-'],
  ['shop:', 'shop:celery-task-meta-'],
  ['shop_', 'shop_celery-task-meta-'],
])('keys under the prefix "%s" begin with %s, as Celery writes them', (prefix, start) => {
  expect(resultKeyStart(prefix)).toBe(start);
});
