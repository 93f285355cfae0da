import { describe, expect, it } from 'vitest';
import { HOSTS, MEMBERS } from '#lab/layout.ts';
import { labPaths } from '#lab/paths.ts';
import { memberSpec } from './registry.ts';
import { type LabContext, SECRET_NAMES, startsAgain } from './role.ts';

const SECRETS = Object.fromEntries(SECRET_NAMES.map((name) => [name, `secret-of-${name}-0123456789`]));
const lab: LabContext = {
  paths: labPaths('/srv/.lab'),
  settings: { ratePerSecond: 20 },
  secret: (name) => SECRETS[name] ?? '',
};
const specs = MEMBERS.map((id) => [id, memberSpec(lab, id)] as const);
const contentOf = (path: string) =>
  specs.flatMap(([, spec]) => spec.files).find((file) => file.path === `/srv/.lab/data/${path}`)?.content ?? '';

describe('roles', () => {
  it.each(specs)('%s shows no secret in its arguments or environment', (_, { command }) => {
    const shown = [...command.argv, ...Object.values(command.env ?? {})].join(' ');
    for (const secret of Object.values(SECRETS)) expect(shown).not.toContain(secret);
  });

  it.each(specs)(
    '%s writes only into the lab’s own folder, with the erlang cookie as the only plain secret',
    (_, spec) => {
      for (const { path, content } of spec.files) {
        expect(path.startsWith('/srv/.lab/data/')).toBe(true);
        if (path.endsWith('.erlang.cookie')) continue;
        for (const secret of Object.values(SECRETS)) expect(content).not.toContain(secret);
      }
    },
  );

  it('mirrors every queue and pauses minorities', () => {
    const { policies } = JSON.parse(contentOf('host-1/rabbitmq/definitions.json'));
    expect(policies).toMatchObject([
      { name: 'ha-all', pattern: '.*', definition: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' } },
    ]);
    expect(contentOf('host-1/rabbitmq/rabbitmq.conf')).toContain('cluster_partition_handling = pause_minority');
  });

  it('gives the reading user no right over the applications’ queues', () => {
    const { permissions, users } = JSON.parse(contentOf('host-1/rabbitmq/definitions.json'));
    const reader = permissions.find(({ user }: { user: string }) => user === 'trellis-read');
    for (const right of ['configure', 'write', 'read']) expect('celery').not.toMatch(new RegExp(reader[right]));
    expect('celeryev').toMatch(new RegExp(reader.read));
    expect(users.find(({ name }: { name: string }) => name === 'trellis-read').tags).toBe('monitoring');
  });

  it.each(HOSTS)('makes the own broker of %s the primary and the others backups', (host) => {
    const servers = contentOf(`${host}/haproxy/haproxy.cfg`)
      .split('\n')
      .filter((line) => line.includes('server rabbit-'));
    expect(servers).toHaveLength(HOSTS.length);
    expect(servers.filter((line) => !line.endsWith(' backup'))).toEqual([
      expect.stringContaining(`server rabbit-${host.at(-1)} `),
    ]);
  });

  it('starts with one Redis master', () => {
    const masters = HOSTS.filter((host) => !contentOf(`${host}/redis/redis.conf`).includes('replicaof '));
    expect(masters).toEqual(['host-1']);
  });

  it('restarts beat as systemd would, workers and brokers that gave up, and nothing else of a host', () => {
    const withRule = (rule: string) => specs.filter(([, { restart }]) => restart === rule).map(([id]) => id);
    expect(withRule('always')).toEqual(['lab/epmd', 'host-1/beat', 'host-2/beat']);
    const gaveUp = HOSTS.flatMap((host) => [`${host}/rabbitmq`, `${host}/worker`]);
    expect(withRule('on-error').toSorted()).toEqual(gaveUp);
  });

  it('starts nothing again that was killed, or that ended well', () => {
    const ends = [{ code: 1 }, { code: 0 }, { code: null }];
    expect(ends.map((end) => startsAgain('on-error', end))).toEqual([true, false, false]);
    expect(ends.map((end) => startsAgain('always', end))).toEqual([true, true, true]);
    expect(ends.map((end) => startsAgain('never', end))).toEqual([false, false, false]);
  });
});
