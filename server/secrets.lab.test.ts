/** Secrets in tasks and in the estate's own answers, on the real build and the real lab: none comes out anywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/control.ts';
import { trellisYaml } from '#lab/trellis-yaml.ts';
import { trellisOnLab } from '#server/flower/on-lab.ts';

const lab = openLab();
const PLANTED = /pl4nted-[\w-]+/g;
let trellis: Awaited<ReturnType<typeof trellisOnLab>>;
let task: string;

beforeAll(async () => {
  await lab.up();
  trellis = await trellisOnLab(trellisYaml(lab.paths), 3996);
  const lives = async () => Object.values((await (await trellis.get('/api/workers?status=1')).json()) as object);
  await vi.waitFor(async () => expect(await lives()).toContain(true), { timeout: 60_000, interval: 250 });
});
afterAll(() => trellis.end());

/** Passwords of the lab, by the files that Trellis is given. */
function labSecrets(): string[] {
  return readdirSync(lab.paths.secrets)
    .map((name) => readFileSync(join(lab.paths.secrets, name), 'utf8').trim())
    .filter((text) => text.length >= 8);
}

test('tasks with secrets in their arguments and in their exceptions', async () => {
  await send('lab.fail', { kwargs: { why: 'no answer of redis://:pl4nted-url@h:6379' } });
  task = await send('lab.add', { args: [{ user: 'bob', password: 'pl4nted-argument' }, 1] });
});

/** Sends a task that fails, and waits for that. */
async function send(name: string, body: object): Promise<string> {
  const answer = await trellis.post(`/api/task/send-task/${name}`, body);
  const { 'task-id': id } = (await answer.json()) as { 'task-id': string };
  const state = async () => {
    const found = await trellis.get(`/api/task/info/${id}`);
    return found.ok ? ((await found.json()) as { state: string }).state : null;
  };
  await expect.poll(state, { timeout: 30_000 }).toBe('FAILURE');
  return id;
}

test('no answer, stream, export, log or file has any of them, nor any password of the lab', async () => {
  await trellis.get('/api/workers?refresh=1');
  const paths = [
    ...['/api/v1/estate', '/api/v1/findings', '/api/v1/forecast', '/api/v1/timeline', '/api/v1/audit', '/metrics'],
    ...[`/api/v1/tasks/${task}`, '/api/v1/tasks', '/api/v1/tasks/failures', '/api/v1/tasks/suggestions'],
    ...['/api/v1/tasks/export?format=csv', '/api/v1/tasks/export?format=json', '/api/v1/audit/export?format=json'],
    ...['/flower/api/workers', '/flower/api/tasks', `/flower/api/task/info/${task}`, '/flower/workers?json=1'],
    ...['conf', 'stats', 'report', 'active'].map((method) => `/api/v1/workers/all/inspect?method=${method}`),
  ];
  const answers = await Promise.all(paths.map(async (path) => (await fetch(trellis.base + path)).text()));
  const all = [...answers, await firstOfStream(), trellis.log(), trellis.onDisk()];
  expect(all.flatMap((text) => text.match(PLANTED) ?? [])).toEqual([]);
  const secrets = labSecrets();
  expect(secrets.length).toBeGreaterThan(2);
  for (const [i, text] of all.entries())
    expect([paths[i] ?? i, secrets.filter((secret) => text.includes(secret))]).toEqual([paths[i] ?? i, []]);
});

/** The snapshot that a browser gets. */
async function firstOfStream(): Promise<string> {
  const controller = new AbortController();
  const { body } = await fetch(`${trellis.base}/api/v1/stream`, { signal: controller.signal });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (/event: snapshot[\s\S]*\n\n/.test(text)) break;
  }
  controller.abort();
  return text;
}
