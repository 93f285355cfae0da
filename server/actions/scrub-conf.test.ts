import { expect, test } from 'vitest';
import { parsePidboxReply } from '#server/celery/pidbox.ts';
import { scrubConf } from './scrub-conf.ts';

test('no secret of the settings comes through, wherever Celery leaves it', () => {
  const conf = {
    ...{ broker_read_url: 'amqp://u:hidden1@h1//', broker_write_url: 'amqp://u:hidden2@h1//' },
    ...{ redbeat_redis_url: 'redis://:hidden3@k/0', result_backend: 'sentinel://:****@h1;sentinel://:hidden4@h2' },
    ...{ my_api: 'hidden5', STRIPE_KEY: 'hidden6', nested: { DATABASE_PASS: 'hidden7' }, list: [{ token: 'hidden8' }] },
    ...{ broker_transport_options: { alternates: ['amqp://u:hidden9@h2'] }, task_acks_late: true, key_count: 3 },
  };
  const { replies } = parsePidboxReply(JSON.stringify({ w1: conf }), {});
  const told = JSON.stringify(scrubConf(replies));
  expect(told).not.toContain('hidden');
  expect(scrubConf(replies)).toMatchObject({ w1: { task_acks_late: true, key_count: 3 } });
});
