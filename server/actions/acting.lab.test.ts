/** The users that the README has made for Redis: who acts may do all that drills do and nothing else, who reads may not. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { ADDRESSES, HOSTS, PORTS } from '#lab/layout.ts';
import { emptyModel } from '#lib/model/model.ts';
import { loadConfig } from '#server/config/load.ts';
import { openCanaryResults } from '#server/drills/canary-results.ts';
import { resultReader } from '#server/ingest/result-reader.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { createEstateActions } from './create-estate-actions.ts';
import type { EstateActions } from './estate-actions.ts';

const PASSWORD = 'acting-test';
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const lab = openLab();
const clock = systemClock();
const never = new AbortController().signal;
const dataNodes = HOSTS.map((host) => `${ADDRESSES[host]}:${PORTS.redis}`);
const sentinels = HOSTS.map((host) => `${ADDRESSES[host]}:${PORTS.sentinel}`);

/** What the README gives a user: on data nodes, or on Sentinels. */
function rules(user: string, where: 'data node' | 'Sentinel'): string[] {
  const lines = README.split('\n').filter((line) => line.startsWith(`ACL SETUSER ${user} `));
  const line = lines.find((one) => one.includes('on each Sentinel') === (where === 'Sentinel')) ?? '';
  const [, , , ...given] = line.replace(/ +#.*/, '').replace('>…', `>${PASSWORD}`).split(' ');
  return given;
}

async function each(addresses: readonly string[], command: readonly [string, ...string[]]): Promise<void> {
  for (const address of addresses) await asked(address, (redis) => redis.call(...command));
}

async function asked<T>(address: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const [host = '', port = ''] = address.split(':');
  const redis = new Redis({ host, port: Number(port), lazyConnect: true, enableReadyCheck: false });
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

/** The verbs, for the lab's Redis and users of the README. */
function actionsWith(acting: object): EstateActions {
  const config = loadConfig(lab.paths.trellisYaml);
  const service = { sentinels, master: 'nobody', nodes: dataNodes, user: 'trellis', password: PASSWORD };
  const results = { ...service, sentinelUser: 'trellis', sentinelPassword: PASSWORD };
  const actions = createEstateActions({
    config: { ...config, redis: { results }, acting: { redis: {}, haproxy: {}, ...acting } },
    ...{ commands: {}, model: emptyModel, clock },
  });
  if (actions === null) throw new Error('nothing to act with');
  return actions;
}

const login = { user: 'trellis-act', password: PASSWORD };
const ACTING = { redis: { results: { ...login, sentinelUser: login.user, sentinelPassword: PASSWORD } } };

beforeAll(async () => {
  await lab.up();
  for (const user of ['trellis', 'trellis-act']) {
    await each(dataNodes, ['ACL', 'SETUSER', user, ...rules(user, 'data node')]);
    await each(sentinels, ['ACL', 'SETUSER', user, ...rules(user, 'Sentinel')]);
  }
});
afterAll(async () => {
  await each([...dataNodes, ...sentinels], ['ACL', 'DELUSER', 'trellis', 'trellis-act']);
});

/** Every verb, with what came of it. A master that no Sentinel knows: nothing fails over, but who may not is told so first. */
async function outcomes({ redis }: EstateActions): Promise<string[]> {
  const [master = '', replica = ''] = await byRole();
  const verbs = [
    () => redis.pauseWrites(master, 50, never),
    () => redis.unpause(master, never),
    () => redis.replicaOf(replica, master, never),
    () => redis.role(master, never),
    () => redis.failover(sentinels[0] ?? '', 'results', never),
  ];
  const seen: string[] = [];
  for (const verb of verbs) {
    seen.push(
      await verb().then(
        () => 'done',
        (error: Error) => error.message,
      ),
    );
  }
  return seen;
}

/** The master first. */
async function byRole(): Promise<string[]> {
  const roles = await Promise.all(
    dataNodes.map(async (address) => ({ address, role: await asked(address, (redis) => redis.role()) })),
  );
  const isMaster = ({ role }: (typeof roles)[number]) => role[0] === 'master';
  return [...roles.filter(isMaster), ...roles.filter((one) => !isMaster(one))].map(({ address }) => address);
}

test('the user who acts may do on Redis and Sentinels what drills do', async () => {
  const done = await outcomes(actionsWith(ACTING));
  expect(done).toEqual(['done', 'done', 'done', 'done', expect.stringMatching(/No such master/)]);
});

test('the user who reads may not: without credentials to act each is refused, and the permission named', async () => {
  const refused = await outcomes(actionsWith({}));
  for (const command of ['client|pause', 'client|unpause', 'replicaof', 'sentinel|failover'])
    expect(refused).toContainEqual(expect.stringMatching(new RegExp(`NOPERM.*'${command.replace('|', '\\|')}'`, 'i')));
});

test.each([0, 1])(
  'the user who acts may hear, read and remove the results of canaries through the entrance, and no other key (database %s)',
  async (db) => {
    const [keyStart, idStart] = ['celery-task-meta-', 'acting-test-'];
    const key = `${keyStart}${idStart}1`;
    const told: string[] = [];
    const problems: string[] = [];
    const results = openCanaryResults({
      // Whoever the applications are stands in the URL.
      ...{
        url: `redis://somebody:else@${ADDRESSES['host-1']}:${PORTS.proxyRedis}/${db}`,
        login,
        keyStart,
        idStart,
        clock,
      },
      onTold: (id) => told.push(id),
      onProblem: (message) => problems.push(message),
    });
    const [master = ''] = await byRole();
    try {
      await asked(master, (redis) => redis.select(db).then(() => redis.set(key, 'result', 'EX', 60)));
      await vi.waitFor(async () => {
        await asked(master, (redis) => redis.publish(key, 'result'));
        expect(told).toContain(`${idStart}1`);
      });
      expect(await results.read([`${idStart}1`])).toEqual(new Map([[`${idStart}1`, 'result']]));
      expect(await results.remove([`${idStart}1`])).toBe(true);
      expect(await asked(master, (redis) => redis.select(db).then(() => redis.exists(key)))).toBe(0);
    } finally {
      results.close();
    }
    expect(problems).toEqual([]);
  },
);

/** Why the user may not. */
function refusal(address: string, user: string, command: readonly [string, ...string[]]): Promise<string> {
  return asked(address, async (redis) => {
    await redis.auth(user, PASSWORD);
    return redis.call(...command).then(
      () => 'done',
      (error: Error) => error.message,
    );
  });
}

test.each([
  ['trellis-act', ['MGET', 'celery'], /NOPERM.*key/],
  ['trellis-act', ['UNLINK', 'celery'], /NOPERM.*key/],
  ['trellis-act', ['SET', 'celery-task-meta-1', 'x'], /NOPERM.*'set'/],
  ['trellis-act', ['CONFIG', 'GET', '*'], /NOPERM.*'config/],
  ['trellis', ['GET', 'celery'], /NOPERM.*key/],
  ['trellis', ['UNLINK', 'celery-task-meta-1'], /NOPERM.*'unlink'/],
] as const)('on data nodes %s may not %s', async (user, command, message) => {
  expect(await refusal(dataNodes[0] ?? '', user, command)).toMatch(message);
});

test.each(['trellis', 'trellis-act'])('on Sentinels %s may not take a master away', async (user) => {
  const command = ['SENTINEL', 'REMOVE', 'nobody'] as const;
  expect(await refusal(sentinels[0] ?? '', user, command)).toMatch(/NOPERM.*'sentinel\|remove'/);
});

test.each([0, 1])('the user who reads finds the results of tasks (database %s)', async (db) => {
  const nodes = dataNodes.map((address) => ({ address, role: null, up: true }));
  const reader = resultReader({ ...{ user: 'trellis', password: PASSWORD, db, keyPrefix: '' }, nodes, clock });
  const [master = ''] = await byRole();
  const id = `acting-test-${db}`;
  try {
    await asked(master, (redis) =>
      redis.select(db).then(() => redis.set(`celery-task-meta-${id}`, 'result', 'EX', 60)),
    );
    const { found, problem } = await reader.read([id]);
    expect([problem, found.get(id)]).toEqual([null, 'result']);
    expect((await reader.scan(null)).keys).toBeGreaterThan(0);
  } finally {
    reader.close();
  }
});
