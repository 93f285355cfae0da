/** What the configuration takes away from everybody. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startGuard } from '#server/runtime/guard.ts';
import { loadConfig } from './load.ts';

const dir = mkdtempSync(join(tmpdir(), 'trellis-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function load(yaml: string) {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, `estate: { name: shop }\n${yaml}\n`);
  return loadConfig(path, {});
}

async function locksOf(yaml: string) {
  const { locks, audit } = startGuard(
    load(yaml),
    () => 0,
    () => {},
  );
  await audit.close();
  return locks;
}

test('nothing is taken away unless it is written, but Flower does not write unless it is', () => {
  expect(load('')).toMatchObject({ readOnly: false, disabled: [], allowedHosts: [], flower: { writes: false } });
  expect(load('flower: { writes: true }').flower.writes).toBe(true);
});

test('what is written is what the gate locks, and credentials for acting are told apart from none', async () => {
  expect(await locksOf('')).toEqual({ readOnly: false, disabled: [], acting: [] });
  expect(
    await locksOf(
      `readOnly: true\ndisabled: [worker.shutdown]\nrabbitmq: { user: r, password: p, nodes: { rabbit@a: { management: http://10.0.0.1:15672 } } }\nacting: { rabbitmq: { user: u, password: p } }`,
    ),
  ).toEqual({ readOnly: true, disabled: ['worker.shutdown'], acting: ['rabbitmq'] });
});

test.each([
  ['disabled: [worker.shutdwon]', /disabled\[0\]: /],
  ['readOnly: maybe', /readOnly: /],
  ['allowedHosts: ["http://trellis.example.com"]', /allowedHosts\[0\]: write it as a name/],
  ['flower: { write: true }', /flower\.write: unknown key/],
  ['listen: 0.0.0.0:3000', /listen: 0\.0\.0\.0 /],
])('%s is refused, with its key', (yaml, message) => {
  expect(() => load(yaml)).toThrow(message);
});
