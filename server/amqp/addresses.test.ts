import { expect, test } from 'vitest';
import { brokerAddress, brokerAddresses } from './addresses.ts';

test("the nodes' own addresses come first, then the entrances, each once", () => {
  const found = brokerAddresses({
    rabbitmq: { nodes: { a: { amqp: '10.0.0.1:5672' }, b: {}, c: { amqp: '[::1]:5672' } } },
    entrances: { broker: ['amqp://10.0.0.9:5670//', 'amqp://10.0.0.1:5672//'] },
  });
  expect(found.map(({ name }) => name)).toEqual(['10.0.0.1:5672', '[::1]:5672', '10.0.0.9:5670']);
  expect(found[1]?.hostname).toBe('::1');
});

test('an entrance over TLS is one, with its own port; user and password are not taken from it', () => {
  expect(brokerAddress('amqps://me:s3cret@mq.example/prod')).toEqual({
    ...{ name: 'mq.example:5671', hostname: 'mq.example', port: 5671, tls: true },
  });
});

test.each(['10.0.0.1:5672', 'http://10.0.0.1', 'redis://10.0.0.1', ''])('%s is no address of a broker', (text) => {
  expect(brokerAddress(text)).toBeNull();
});
