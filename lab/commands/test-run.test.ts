import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allPids, RUN_MARK, startVariable } from '#lab/leftovers.ts';

/** Shell commands that stand in for the real ones; each notes that it ran. */
type StandIns = Partial<
  Record<'setUp' | 'check' | 'build' | 'unit' | 'again' | 'lab' | 'e2e' | 'labUp' | 'labDown' | 'trellis', string>
>;
type Outcome = { code: number | null; output: string; lastLine: string; ran: string[] };

let dir = '';
let port = 0;
let mark = '';
let running: ChildProcess | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'test-run-'));
  mark = `standin-${process.pid}-${dir}`;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
});
afterEach(() => {
  running?.kill('SIGKILL');
  for (const pid of allPids()) if (startVariable(pid, RUN_MARK) === mark) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** A command that leaves the report of a file whose tests ended so, `message` being what was wrong with all of it. */
function reports(ends: readonly string[], file = 'a.test.ts', message = ''): string {
  const assertionResults = ends.map((status, i) => ({ fullName: `test ${i}`, status, failureMessages: [] }));
  const status = ends.every((end) => end === 'passed') ? 'passed' : 'failed';
  return `echo '${JSON.stringify({ testResults: [{ name: file, status, message, assertionResults }] })}' > "$1"`;
}

const THREE = ['passed', 'passed', 'passed'];
const PASSES = reports(THREE);
const FAILS = `${reports(['passed', 'passed', 'failed'])}; exit 1`;
const CRASHES = `${reports(['passed', 'passed', 'pending'])}; exit 1`;
const E2E = `echo '{"stats":{"expected":4,"unexpected":0,"flaky":0,"skipped":0},"errors":[],"suites":[]}' > "$REPORT"`;
const SERVES = `exec "$NODE" -e 'require("http").createServer((q, s) => s.end()).listen(process.env.PORT, "127.0.0.1"); console.log("a line of Trellis")'`;
const BUILDS = 'mkdir -p .next/standalone && touch .next/standalone/server.js';

function start(standIns: StandIns, parts: readonly string[]): ChildProcess {
  const all = {
    setUp: 'true',
    check: 'true',
    build: BUILDS,
    unit: PASSES,
    again: 'false',
    lab: PASSES,
    e2e: E2E,
    labUp: 'true',
    labDown: 'true',
    trellis: SERVES,
    ...standIns,
  };
  const note = (name: keyof typeof all) => `echo ${name} >> ran; ${all[name]}`;
  const code = `
    const { runAsCommand } = await import(${JSON.stringify(join(import.meta.dirname, 'test-run.ts'))});
    const { spawnSync } = await import('node:child_process');
    const note = ${JSON.stringify(Object.fromEntries(Object.keys(all).map((name) => [name, note(name as keyof typeof all)])))};
    const sh = (name, ...args) => ['sh', '-c', note[name], name, ...args];
    const vitest = (name) => ({ reporter: 'vitest', command: (report) => sh(name, report) });
    await runAsCommand({
      root: ${JSON.stringify(dir)},
      env: { ...process.env, NODE: process.execPath, PORT: '${port}', ${RUN_MARK}: ${JSON.stringify(mark)} },
      setUp: async () => { if (spawnSync('sh', ['-c', note.setUp], { cwd: ${JSON.stringify(dir)} }).status !== 0) throw new Error('no packages'); },
      check: [note.check], build: [note.build], labUp: sh('labUp'), labDown: sh('labDown'),
      unit: { ...vitest('unit'), again: (report, files) => sh('again', report, ...files) }, lab: vitest('lab'),
      e2e: { reporter: 'playwright', command: () => sh('e2e'), env: (report) => ({ REPORT: report }) },
      trellis: { command: sh('trellis'), url: 'http://127.0.0.1:${port}', port: ${port}, logFile: ${JSON.stringify(join(dir, 'trellis.log'))} },
      scope: { mark: ${JSON.stringify(mark)}, labDir: ${JSON.stringify(join(dir, 'lab'))}, ports: [${port}] },
      leftoverGraceMs: 500,
    }, new Set(${JSON.stringify(parts)}));`;
  running = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dir,
  });
  return running;
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, lastLine: output.trimEnd().split('\n').at(-1) ?? '', ran: ran() };
}

function ran(): string[] {
  return existsSync(join(dir, 'ran')) ? readFileSync(join(dir, 'ran'), 'utf8').trim().split('\n') : [];
}

const ALL = ['check', 'unit', 'lab', 'e2e'];

function run(standIns: StandIns, parts: readonly string[] = ALL): Promise<Outcome> {
  return outcomeOf(start(standIns, parts));
}

describe('a test run', () => {
  it('runs everything in order and counts over all runners', async () => {
    const { code, lastLine, ran } = await run({});
    expect(ran).toEqual(['setUp', 'check', 'build', 'unit', 'labUp', 'lab', 'labUp', 'trellis', 'e2e', 'labDown']);
    // One check, 3 unit, 3 lab, 4 e2e, and that nothing was left.
    expect(lastLine).toBe('12 passed, 0 failed');
    expect(code).toBe(0);
  });

  it('goes on after a failure, and fails', async () => {
    const { code, lastLine, output, ran } = await run({ check: 'echo a lint error; false', unit: FAILS });
    expect(ran).toContain('e2e');
    expect(output).toContain('a lint error');
    expect(lastLine).toBe('10 passed, 2 failed');
    expect(code).toBe(1);
  });

  it('runs a file whose process crashed again, once, and says so', async () => {
    const { code, lastLine, output, ran } = await run({ unit: CRASHES, again: `echo "again: $2"; ${PASSES}` }, [
      'unit',
    ]);
    expect(ran.filter((each) => each === 'again')).toHaveLength(1);
    expect(output).toContain('again: a.test.ts');
    expect(output).toContain('↻ a.test.ts: its process crashed');
    expect(lastLine).toBe('4 passed, 0 failed');
    expect(code).toBe(0);
  });

  it.each([
    ['crashes again', CRASHES, '3 passed, 1 failed, 1 skipped'],
    ['fails then', FAILS, '3 passed, 1 failed'],
    ['ends badly then', `${PASSES}; exit 1`, '4 passed, 1 failed'],
    ['says nothing then', 'exit 1', '3 passed, 1 failed, 1 skipped'],
  ])('fails when what crashed %s', async (_how, again, counted) => {
    const { code, lastLine } = await run({ unit: CRASHES, again }, ['unit']);
    expect(lastLine).toBe(counted);
    expect(code).toBe(1);
  });

  it('runs nothing again that failed or did not load', async () => {
    const unit = `${reports([], 'a.test.ts', 'no such module')}; exit 1`;
    expect((await run({ unit: FAILS }, ['unit'])).ran).not.toContain('again');
    expect((await run({ unit }, ['unit'])).ran).not.toContain('again');
  });

  it('counts what depends on a lab that did not come up as failed, and takes the lab down', async () => {
    const { code, lastLine, ran } = await run({ labUp: 'false' });
    expect(ran).toEqual(['setUp', 'check', 'build', 'unit', 'labUp', 'labDown']);
    expect(lastLine).toBe('5 passed, 3 failed');
    expect(code).toBe(1);
  });

  it('does not test in the browser without a build', async () => {
    const { lastLine, ran } = await run({ build: 'false' });
    expect(ran).not.toContain('trellis');
    expect(ran).toContain('lab');
    expect(lastLine).toBe('8 passed, 2 failed');
  });

  it('does not build twice', async () => {
    await run({}, ['e2e']);
    rmSync(join(dir, 'ran'));
    const { ran } = await run({}, ['e2e']);
    expect(ran).not.toContain('build');
  });

  it('shows what Trellis said when it does not start', async () => {
    const { lastLine, output, ran } = await run({ trellis: 'echo hosts: unknown key; exit 1' }, ['e2e']);
    expect(output).toContain('Trellis ended while it was starting: exit code 1');
    expect(output).toContain('hosts: unknown key');
    expect(ran).not.toContain('e2e');
    expect(ran).toContain('labDown');
    expect(lastLine).toBe('1 passed, 2 failed');
  });

  it('counts a Trellis that died on the way', async () => {
    const dies = SERVES.replace(
      'console.log("a line of Trellis")',
      'setInterval(() => require("fs").existsSync("begun") && process.exit(7), 20)',
    );
    const { output, lastLine } = await run({ trellis: dies, e2e: `touch begun; sleep 1; ${E2E}` }, ['e2e']);
    expect(output).toContain('Trellis: ended during the tests: exit code 7');
    expect(lastLine).toBe('5 passed, 1 failed');
  });

  it('does not take another program on the port for Trellis', async () => {
    const other = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { output, ran } = await run({}, ['e2e']);
    other.close();
    expect(output).toContain(`needs port ${port} of 127.0.0.1, and pid ${process.pid} (`);
    expect(ran).not.toContain('trellis');
  });

  it('names what was left behind', async () => {
    // Waits until it has left its group, which is ended with the command.
    const left = 'setsid sleep 50 >/dev/null 2>&1 & sleep 0.5';
    const { code, output, lastLine } = await run({ labUp: left }, ['lab']);
    expect(output).toMatch(/process left: pid \d+ \(sleep 50\)/);
    expect(lastLine).toBe('3 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('runs only the part that was asked for', async () => {
    const { ran, lastLine } = await run({}, ['unit']);
    expect(ran).toEqual(['setUp', 'unit']);
    expect(lastLine).toBe('4 passed, 0 failed');
  });

  it('says why nothing could run', async () => {
    const { code, output, lastLine } = await run({ setUp: 'false' });
    expect(output).toContain('no packages');
    expect(lastLine).toBe('1 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('takes a runner that wrote no report for a failure', async () => {
    const { lastLine, code } = await run({ unit: 'true' }, ['unit']);
    expect(lastLine).toBe('1 passed, 1 failed');
    expect(code).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('takes everything down on %s', async (signal) => {
    const child = start({ e2e: 'touch begun; sleep 60' }, ['e2e']);
    const outcome = outcomeOf(child);
    await expect.poll(() => existsSync(join(dir, 'begun')), { timeout: 10_000 }).toBe(true);
    child.kill(signal);
    child.kill(signal);
    const { code, lastLine, ran } = await outcome;
    expect(ran.at(-1)).toBe('labDown');
    expect(lastLine).toMatch(/^1 passed, [12] failed$/);
    expect(code).toBe(1);
    expect(allPids().filter((pid) => startVariable(pid, RUN_MARK) === mark)).toEqual([]);
  });
});
