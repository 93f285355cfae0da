import { expect } from 'playwright/test';
import type { Host } from '#lab/layout.ts';
import { beatHolder } from '#lab/probes/consul.ts';
import { LIMITS } from './estate-page.ts';
import { test } from './lab-test.ts';

/** The name of a card is derived from its host in the same way for every layer of the lab. */
const n = (host: Host) => host.slice(-1);

test.setTimeout(300_000);

test('a killed broker node is shown down, its queues get new leaders, its proxy serves from a backup, and it comes back whole', async ({
  lab,
  estate,
}) => {
  const leader = await estate.leaderOf('celery');
  const host = leader.split('@')[1] as Host;
  const node = `rabbit-${n(host)}`;
  await expect(estate.serving(`haproxy-${n(host)}`, 'amqp')).toHaveAttribute('data-serving', node);

  await lab.kill(`${host}/rabbitmq`);

  await estate.shows(node, 'down');
  await expect(estate.queue('celery')).not.toHaveAttribute('data-leader', leader, { timeout: LIMITS.seenMs });
  await expect(estate.queue('celery')).toContainText('2 of', { timeout: LIMITS.seenMs });
  await expect(estate.serving(`haproxy-${n(host)}`, 'amqp')).not.toHaveAttribute('data-serving', node, {
    timeout: LIMITS.seenMs,
  });
  await expect(estate.serving(`haproxy-${n(host)}`, 'amqp')).toHaveAttribute('data-serving', /^rabbit-\d$/);
  await estate.shows(`haproxy-${n(host)}`, 'degraded');
  await expect(estate.timeline('BrokerNodeRunning').first()).toContainText(`${leader} is down`);

  await lab.start(`${host}/rabbitmq`);

  await estate.showsWhole();
  await expect(estate.serving(`haproxy-${n(host)}`, 'amqp')).toHaveAttribute('data-serving', node);
  await expect(estate.timeline('BrokerNodeRunning').first()).toContainText(`${leader} is running`);
  await estate.stillSamePage();
});

test('after a kill of the Redis master the rack shows the promoted one, and every proxy that follows it', async ({
  lab,
  estate,
}) => {
  const host = await estate.hostMarked('results', 'master');

  await lab.kill(`${host}/redis`);

  await estate.shows(`redis@${host}`, 'down');
  const promoted = estate.page.locator('[data-layer=results] article', { hasText: '★ master' });
  await expect(promoted).toHaveCount(1, { timeout: LIMITS.redisFailoverMs });
  await expect(promoted).not.toHaveAccessibleName(`redis@${host}`);
  const master = (await promoted.getAttribute('aria-label')) as string;
  for (const proxy of ['haproxy-1', 'haproxy-2', 'haproxy-3']) {
    await expect(estate.serving(proxy, 'redis')).toContainText(master, { timeout: LIMITS.redisFailoverMs });
  }
  await expect(estate.timeline('RedisMaster').first()).toContainText(`${master} is master of results`);

  await lab.start(`${host}/redis`);

  await estate.showsWhole();
  await expect(estate.card(`redis@${host}`)).toContainText('replica');
  await estate.stillSamePage();
});

test('after a kill of the Consul leader the rack shows the new one', async ({ lab, estate }) => {
  const host = await estate.hostMarked('coordinator', 'leader');

  await lab.kill(`${host}/consul`);

  await estate.shows(`consul-${n(host)}`, 'down', LIMITS.redisFailoverMs);
  const leader = estate.page.locator('[data-layer=coordinator] article', { hasText: '★ leader' });
  await expect(leader).toHaveCount(1, { timeout: LIMITS.redisFailoverMs });
  await expect(leader).not.toHaveAccessibleName(`consul-${n(host)}`);
  await expect(estate.timeline('ConsulLeader').first()).toContainText('is Consul leader');

  await lab.start(`${host}/consul`);

  await estate.showsWhole();
  await estate.stillSamePage();
});

test('after a kill of the beat holder the rack shows the lock free, and then who really took it', async ({
  lab,
  estate,
}) => {
  const host = await estate.hostMarked('beat', 'holds lock');

  await lab.kill(`${host}/beat`);

  // The killed one is back after a second and waits again: when the lock is free, either may win.
  await expect(estate.timeline('LockHolder').first()).toContainText('Nobody holds the lock beat', {
    timeout: LIMITS.beatHandoverMs,
  });
  await expect(estate.timeline('LockHolder').first()).toContainText(/consul-\d holds the lock beat/, {
    timeout: LIMITS.beatHandoverMs,
  });
  await estate.showsWhole();
  expect(await estate.hostMarked('beat', 'holds lock')).toBe(await beatHolder());
  await estate.stillSamePage();
});

test('when the beat holder is stopped the standby takes over, and the rack shows it', async ({ lab, estate }) => {
  const host = await estate.hostMarked('beat', 'holds lock');
  const other = host === 'host-1' ? 'host-2' : 'host-1';

  await lab.stop(`${host}/beat`);

  await expect(estate.card(`beat@${other}`)).toContainText('★ holds lock', { timeout: LIMITS.beatHandoverMs });
  await estate.shows(`beat@${host}`, 'down');

  await lab.start(`${host}/beat`);

  await estate.showsWhole();
  await expect(estate.card(`beat@${host}`)).toContainText('standby');
  await estate.stillSamePage();
});

test('a killed host is shown with nothing ok on it while the others carry on, and comes back whole', async ({
  lab,
  estate,
}) => {
  const onHost = [
    'haproxy-2',
    'rabbit-2',
    'redis@host-2',
    'sentinel@host-2',
    'consul-2',
    'beat@host-2',
    'celery@host-2',
  ];

  await lab.kill('host-2');

  for (const name of onHost) await estate.shows(name, /^(down|stale|unknown)$/, LIMITS.beatHandoverMs);
  await expect(estate.page.locator('[data-layer=results] article', { hasText: '★ master' })).toHaveCount(1, {
    timeout: LIMITS.redisFailoverMs,
  });
  await expect(estate.page.locator('[data-layer=coordinator] article', { hasText: '★ leader' })).toHaveCount(1, {
    timeout: LIMITS.redisFailoverMs,
  });
  for (const name of ['rabbit-1', 'rabbit-3', 'celery@host-1', 'celery@host-3']) await estate.shows(name, 'ok', 60_000);

  await lab.start('host-2');

  await estate.showsWhole();
  await estate.stillSamePage();
});
