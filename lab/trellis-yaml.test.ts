import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { drillsSection } from './drill-commands.ts';
import { labPaths } from './paths.ts';
import { trellisYaml } from './trellis-yaml.ts';

it('the written trellis.yaml has exactly the keys that Trellis reads', () => {
  expect(parse(trellisYaml(labPaths('/srv/.lab')))).toEqual({
    estate: { name: 'lab', colour: 'blue' },
    listen: '127.0.0.1:3000',
    hosts: { 'host-1': '127.0.1.1', 'host-2': '127.0.1.2', 'host-3': '127.0.1.3' },
    rabbitmq: {
      user: 'trellis-read',
      password: { file: '/srv/.lab/secrets/trellis-read' },
      vhosts: ['/'],
      nodes: {
        'rabbit-1@host-1': { management: 'http://127.0.1.1:15672', amqp: '127.0.1.1:5672' },
        'rabbit-2@host-2': { management: 'http://127.0.1.2:15672', amqp: '127.0.1.2:5672' },
        'rabbit-3@host-3': { management: 'http://127.0.1.3:15672', amqp: '127.0.1.3:5672' },
      },
    },
    redis: {
      results: { sentinels: ['127.0.1.1:26379', '127.0.1.2:26379', '127.0.1.3:26379'], master: 'results' },
    },
    haproxy: [
      {
        name: 'haproxy-1',
        stats: 'http://127.0.1.1:8404/;csv',
        socket: '127.0.1.1:9999',
        config: '/srv/.lab/data/host-1/haproxy/haproxy.cfg',
      },
      {
        name: 'haproxy-2',
        stats: 'http://127.0.1.2:8404/;csv',
        socket: '127.0.1.2:9999',
        config: '/srv/.lab/data/host-2/haproxy/haproxy.cfg',
      },
      {
        name: 'haproxy-3',
        stats: 'http://127.0.1.3:8404/;csv',
        socket: '127.0.1.3:9999',
        config: '/srv/.lab/data/host-3/haproxy/haproxy.cfg',
      },
    ],
    consul: {
      agents: ['http://127.0.1.1:8500', 'http://127.0.1.2:8500', 'http://127.0.1.3:8500'],
      locks: { beat: 'celery/beat' },
      keys: ['celery/beat/'],
    },
    celery: {},
    entrances: { broker: ['amqp://127.0.1.1:5670//'], results: 'redis://127.0.1.1:6380/0' },
    acting: { rabbitmq: { user: 'trellis-act', password: { file: '/srv/.lab/secrets/trellis-act' } } },
    drills: drillsSection(labPaths('/srv/.lab'), process.execPath),
  });
});
