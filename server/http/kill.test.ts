/** kill -9 in the middle of a write: it is never done twice, and the audit says that nobody knows how it went. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { verifyAudit } from '#server/audit/verify.ts';

/** Does one write whose effect is a line in a file, and stops at the place that it was told; `end` = nowhere. */
const WRITER = `
const [performPath, auditPath, dir, key, where] = process.argv.slice(1);
const { perform } = await import(performPath);
const { sqliteAudit } = await import(auditPath);
const { appendFileSync } = await import('node:fs');
const real = sqliteAudit(dir + '/audit.db', () => Date.now());
const stop = (here) => here === where ? (console.log('at ' + here), new Promise(() => setInterval(() => {}, 1000))) : undefined;
const audit = {
  ...real,
  append: async (note) => {
    await stop('append ' + note.phase);
    return real.append(note);
  },
  settle: async (...args) => {
    await stop('settle');
    return real.settle(...args);
  },
};
const identity = { name: 'local', role: 'admin', scopes: null };
const write = { identity, action: 'task.retry', target: 't', reason: 'because', body: {}, key, fingerprint: 'f', statuses: {} };
const response = await perform(audit, write, async () => {
  appendFileSync(dir + '/effects', key + '\\n');
  await stop('effect');
  return { body: { ok: true }, outcome: 'done', details: {} };
});
console.log('answer ' + response.status + ' ' + ((await response.json()).code ?? 'ok') + ' ' + response.headers.get('idempotency-replayed'));
process.exit(0);
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-gate-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The answer of one process; killed where it stops. */
async function run(key: string, where: string): Promise<string> {
  const moduleAt = (...parts: string[]) => pathToFileURL(join(import.meta.dirname, '..', ...parts)).href;
  const paths = [moduleAt('http', 'perform.ts'), moduleAt('audit', 'sqlite', 'store.ts')];
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    WRITER,
    ...paths,
    dir,
    key,
    where,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line.startsWith('at ')) child.kill('SIGKILL');
  }
  await exit;
  return last;
}

function effects(): string[] {
  return readFileSync(join(dir, 'effects'), 'utf8').trimEnd().split('\n');
}

test.each([
  [
    'before it was audited: it never happened, and the repeat does it',
    'append before',
    'answer 200 ok null',
    ['done', null],
  ],
  ['in its effect: the repeat does nothing', 'effect', 'answer 409 OUTCOME_UNKNOWN null', ['unknown', null]],
  ['after its effect, before it was audited', 'append after', 'answer 409 OUTCOME_UNKNOWN null', ['unknown', null]],
  ['after it was audited, before its answer was kept', 'settle', 'answer 409 OUTCOME_UNKNOWN null', ['done', null]],
])(
  'a write killed %s',
  async (_, where, answer, outcomes) => {
    expect(await run('key-00001', where)).toBe(`at ${where}`);
    expect(await run('key-00001', 'end')).toBe(answer);
    expect(effects()).toEqual(['key-00001']);
    const audit = sqliteAudit(join(dir, 'audit.db'), () => 0);
    expect((await audit.page({ limit: 9 })).entries.map(({ outcome }) => outcome)).toEqual(outcomes);
    await audit.close();
    expect((await verifyAudit(join(dir, 'audit.db'), 0)).problems).toEqual([]);
  },
  30_000,
);

test('a write that was answered is answered again by the next process', async () => {
  expect(await run('key-00001', 'end')).toBe('answer 200 ok null');
  expect(await run('key-00001', 'end')).toBe('answer 200 ok true');
  expect(effects()).toEqual(['key-00001']);
}, 30_000);
