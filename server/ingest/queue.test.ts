import { expect, test } from 'vitest';
import { type Broker, declareQueue, type QueueOptions, QueueRefused, type QueueSettings } from './queue.ts';

const SETTINGS: QueueSettings = { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1_000, mode: 'auto' };

type Rules = {
  version?: string;
  exchanges?: string[];
  queues?: Record<string, QueueOptions>;
  /** What the user may not do. */
  forbids?: 'exchange' | 'queue' | 'bind';
  /** Types of queue that the broker has no part of. */
  lacks?: string[];
};

/** A broker that refuses in RabbitMQ's words, and ends the channel with it. */
function broker({ version = '3.10.8', exchanges = ['celeryev'], queues = {}, forbids, lacks = [] }: Rules = {}) {
  const bound: string[] = [];
  let open = 0;
  const refuse = (code: number, name: string, text: string): never => {
    throw Object.assign(new Error(`Operation failed: X; ${code} (${name}) with message "${name} - ${text}"`), { code });
  };
  const compare = (name: string, asked: QueueOptions, found: QueueOptions) => {
    const said = (value: unknown) =>
      value === undefined
        ? 'none'
        : `the value '${value}' of type '${typeof value === 'string' ? 'longstr' : 'signedint'}'`;
    if (asked.durable !== found.durable) {
      refuse(
        406,
        'PRECONDITION-FAILED',
        `inequivalent arg 'durable' for queue '${name}' in vhost '/': received '${asked.durable}' but current is '${found.durable}'`,
      );
    }
    const keys = new Set([...Object.keys(found.arguments), ...Object.keys(asked.arguments)]);
    for (const key of [...keys].sort()) {
      const [want, have] = [asked.arguments[key], found.arguments[key]];
      if (want === have) continue;
      const text = `inequivalent arg '${key}' for queue '${name}' in vhost '/': received ${said(want)} but current is ${said(have)}`;
      refuse(406, 'PRECONDITION-FAILED', text);
    }
  };
  const asked: Broker = {
    ...{ version, at: '10.0.0.1:5672', user: 'trellis-read', suffix: 'me' },
    async channel() {
      open += 1;
      let ended = false;
      const once = <T>(run: () => T): Promise<T> => {
        if (ended) return Promise.reject(new Error('Channel closed'));
        try {
          return Promise.resolve(run());
        } catch (error) {
          ended = true;
          return Promise.reject(error);
        }
      };
      return {
        checkExchange: (name) =>
          once(() => exchanges.includes(name) || refuse(404, 'NOT-FOUND', `no exchange '${name}' in vhost '/'`)),
        assertExchange: (name) =>
          once(() => (forbids === 'exchange' ? refuse(403, 'ACCESS-REFUSED', 'no') : exchanges.push(name))),
        assertQueue: (name, options) =>
          once(() => {
            if (forbids === 'queue') refuse(403, 'ACCESS-REFUSED', `configure access to queue '${name}' refused`);
            const found = queues[name];
            if (found !== undefined) compare(name, options, found);
            const type = String(options.arguments['x-queue-type']);
            if (lacks.includes(type)) refuse(406, 'PRECONDITION-FAILED', `feature flag '${type}_queue' is disabled`);
            queues[name] = options;
            return { messageCount: 7 };
          }),
        bindQueue: (name, exchange, pattern) =>
          once(() =>
            forbids === 'bind' ? refuse(403, 'ACCESS-REFUSED', 'no') : bound.push(`${name} ${exchange} ${pattern}`),
          ),
        async close() {
          open -= 1;
          if (ended) throw new Error('Channel closed');
        },
      };
    },
  };
  return { asked, queues, exchanges, bound, openChannels: () => open };
}

test('the safest kind is declared, bounded, bound to every event, and no channel is left open', async () => {
  const { asked, queues, bound, openChannels } = broker();
  const found = await declareQueue(asked, SETTINGS);
  expect(found).toEqual({ name: 'trellis.events', mode: 'quorum', reason: null, waiting: 7 });
  expect(queues['trellis.events']).toEqual({
    ...{ durable: true, autoDelete: false, exclusive: false },
    arguments: { 'x-queue-type': 'quorum', 'x-max-length-bytes': 1_000, 'x-overflow': 'drop-head' },
  });
  expect(bound).toEqual(['trellis.events celeryev #']);
  expect(openChannels()).toBe(0);
});

test('a second declaration finds its own queue, and calls it neither foreign nor less safe', async () => {
  const { asked } = broker();
  await declareQueue(asked, SETTINGS);
  expect(await declareQueue(asked, SETTINGS)).toMatchObject({ mode: 'quorum', reason: null });
});

test('a broker that drops what comes back too often is told not to, and an older one is asked as ever', async () => {
  for (const [version, limit] of [
    ['4.0.0', 1_000_000],
    ['4.1.3', 1_000_000],
    ['3.13.7', undefined],
  ] as const) {
    const { asked, queues } = broker({ version });
    expect(await declareQueue(asked, SETTINGS)).toMatchObject({ mode: 'quorum', reason: null });
    expect(queues['trellis.events']?.arguments['x-delivery-limit']).toBe(limit);
  }
});

test('a queue from before its broker limited deliveries is used as it is, and the limit is told', async () => {
  const { asked, queues } = broker({ version: '3.13.7' });
  await declareQueue(asked, SETTINGS);
  const later = broker({ version: '4.0.0', queues });
  const found = await declareQueue(later.asked, SETTINGS);
  expect(found).toMatchObject({ mode: 'quorum', reason: expect.stringContaining('x-delivery-limit') });
  expect(later.queues['trellis.events']?.arguments).not.toHaveProperty('x-delivery-limit');
});

test.each([
  ['a version without quorum queues', { version: '3.7.28' }, 'mirrored', 'RabbitMQ 3.7.28 has no quorum queues'],
  ['a disabled feature', { lacks: ['quorum'] }, 'mirrored', "feature flag 'quorum_queue' is disabled"],
  ['neither kind', { lacks: ['quorum', 'classic'], version: '3.10.8' }, null, 'has no queue of the kind'],
] as const)('%s: the next safest, and the reason is told', async (_, rules, mode, reason) => {
  const { asked } = broker({ ...rules, lacks: [...('lacks' in rules ? rules.lacks : [])] });
  if (mode === null) return expect(declareQueue(asked, SETTINGS)).rejects.toThrow(reason);
  const found = await declareQueue(asked, SETTINGS);
  expect(found.mode).toBe(mode);
  expect(found.reason).toContain(reason);
});

test('a stream is declared only when it is asked for, and without what streams refuse', async () => {
  const { asked, queues } = broker();
  expect(await declareQueue(asked, { ...SETTINGS, mode: 'stream' })).toMatchObject({ mode: 'stream', reason: null });
  expect(queues['trellis.events']?.arguments).not.toHaveProperty('x-overflow');
});

test('an exclusive queue has a name of its own, so that it never meets another process', async () => {
  const { asked } = broker();
  const found = await declareQueue(asked, { ...SETTINGS, mode: 'exclusive' });
  expect(found).toMatchObject({ name: 'trellis.events.me', mode: 'exclusive' });
});

test('a queue of another kind is used as it is, and its kind and what differs are told', async () => {
  const there: QueueOptions = {
    ...{ durable: true, autoDelete: false, exclusive: false },
    arguments: { 'x-queue-type': 'stream', 'x-max-age': '7D' },
  };
  const { asked, queues, bound } = broker({ queues: { 'trellis.events': there } });
  const found = await declareQueue(asked, SETTINGS);
  expect(found.mode).toBe('stream');
  expect(found.reason).toMatch(/there already.*x-max-age.*x-queue-type/);
  expect(queues['trellis.events']).toEqual(there);
  expect(bound).toHaveLength(1);
});

test('a queue that does not outlive its broker, and has no arguments at all, is used as it is', async () => {
  const there: QueueOptions = { durable: false, autoDelete: false, exclusive: false, arguments: {} };
  const { asked } = broker({ queues: { 'trellis.events': there } });
  expect(await declareQueue(asked, SETTINGS)).toMatchObject({ mode: 'mirrored', waiting: 7 });
});

test.each(['queue', 'bind'] as const)('a refused %s names queue, host, user and permission', async (forbids) => {
  const { asked } = broker({ forbids });
  const refusal = await declareQueue(asked, SETTINGS).catch((error) => error);
  expect(refusal).toBeInstanceOf(QueueRefused);
  for (const word of ['trellis.events', '10.0.0.1:5672', 'trellis-read', 'configure', '^celeryev$']) {
    expect(refusal.message).toContain(word);
  }
});

test('a missing exchange is made as Celery makes it, and where that is forbidden the refusal says what helps', async () => {
  const allowed = broker({ exchanges: [] });
  await declareQueue(allowed.asked, SETTINGS);
  expect(allowed.exchanges).toEqual(['celeryev']);
  const forbidden = broker({ exchanges: [], forbids: 'exchange' });
  await expect(declareQueue(forbidden.asked, SETTINGS)).rejects.toThrow(/no exchange celeryev yet.*start a worker/);
});

test('a connection that ends meanwhile is no refusal of the queue', async () => {
  const { asked } = broker();
  const cut: Broker = { ...asked, channel: () => Promise.reject(new Error('Socket closed abruptly')) };
  await expect(declareQueue(cut, SETTINGS)).rejects.toThrow('Socket closed abruptly');
});
