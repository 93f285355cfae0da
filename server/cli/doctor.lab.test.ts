/** The doctor as a process: on the whole lab, and on an estate that does not answer or does not let Trellis in. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab } from '#lab/control.ts';

const lab = openLab();
const dir = mkdtempSync(join(tmpdir(), 'trellis-doctor-'));
beforeAll(() => lab.up());
afterAll(() => rmSync(dir, { recursive: true }));

function doctor(yaml: string): { code: number | null; text: string } {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, yaml);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'doctor.ts'), '--config', path],
    { encoding: 'utf8' },
  );
  return { code: status, text: stdout + stderr };
}

const whole = () => readFileSync(lab.paths.trellisYaml, 'utf8');

test('on the whole lab every question of every endpoint is answered, and the code is 0', () => {
  const { code, text } = doctor(whole());
  expect(text).not.toContain('FAIL');
  expect(text).toContain('every question was answered');
  expect(text).toMatch(/rabbitmq\/rabbit-3@host-3 {2}3\.\d+\.\d+ {2}event exchange/);
  expect(text).toMatch(/redis\/results\/127\.0\.1\.3:6379 {2}7\.\d/);
  expect(code).toBe(0);
});

test('a refused password is named with the key to check, does not show itself, and the code is 1', () => {
  const { code, text } = doctor(whole().replace(/password:\s*\n\s*file: .*/, 'password: Wr0ngOne'));
  expect(text).toMatch(/FAIL {2}nodes +auth: .*401.*\n.*Check rabbitmq\.user and rabbitmq\.password/);
  expect(text).toMatch(/FAIL {2}amqp +auth/);
  expect(text).toMatch(/ok +masters/);
  expect(text).not.toContain('Wr0ngOne');
  expect(code).toBe(1);
});

test('an address where nothing listens is named with what to check, and the code is 1', () => {
  const { code, text } = doctor('estate: { name: a }\nconsul: { agents: [http://127.0.9.1:8500] }\n');
  expect(text).toMatch(/FAIL {2}leader +refused: .*127\.0\.9\.1:8500\n.*Nothing listens there/);
  expect(code).toBe(1);
});

test('a configuration that names nothing to ask is no success', () => {
  expect(doctor('estate: { name: a }')).toMatchObject({ code: 1, text: expect.stringContaining('nothing to ask') });
});
