import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { PlaceholderValues } from './executor.ts';
import { type Commands, createCommandExecutor } from './executor-command.ts';

const never = () => new AbortController().signal;
const node = (script: string, ...args: string[]) => [process.execPath, '-e', script, ...args];
const SHOW = 'console.log(JSON.stringify(process.argv.slice(1)))';
const TARGET = { kind: 'redisNodes', id: 'results/10.0.0.1:6379', host: 'host-1' };
const VALUES: PlaceholderValues = {
  ...{ host: 'host-1', address: '10.0.0.1', id: TARGET.id, name: 'redis-1', role: 'redis' },
};

function setUp(commands: Commands, values: Partial<PlaceholderValues> = {}) {
  const clock = manualClock();
  const executor = createCommandExecutor({ commands, valuesOf: () => ({ ...VALUES, ...values }), clock });
  return { clock, executor };
}

test('a command runs exactly as it was previewed, with the target in its place', async () => {
  const kill = node(SHOW, 'at={host}/{role}', '{address}', '{id}', '{name}', 'plain $(id) ; {');
  const { executor } = setUp({ redisNodes: { kill } });
  expect(executor.preview('kill', TARGET).slice(3)).toEqual([
    ...['at=host-1/redis', '10.0.0.1', 'results/10.0.0.1:6379', 'redis-1', 'plain $(id) ; {'],
  ]);
  const { code, output } = await executor.run('kill', TARGET, never());
  expect([code, JSON.parse(output)]).toEqual([0, executor.preview('kill', TARGET).slice(3)]);
});

test('the first word is never filled: which program runs, no entity decides', () => {
  const { executor } = setUp({ redisNodes: { kill: ['{name}', '{name}'] } });
  expect(executor.preview('kill', TARGET)).toEqual(['{name}', 'redis-1']);
});

test.each([
  ['an option', { name: '--force' }],
  ['two words', { name: 'a b' }],
  ['a line break', { name: 'a\nb' }],
  ['a way out of a folder', { host: 'a/../b' }],
  ['a way out of an id', { id: 'a/../b' }],
  ['an empty word', { name: '' }],
  ['a substitution', { name: '$(reboot)' }],
  ['an unknown word', { address: null }],
] as const)('%s is never put into a command', async (_, values) => {
  const { executor } = setUp({ redisNodes: { kill: node(SHOW, '{name}', '{host}', '{address}', '{id}') } }, values);
  expect(executor.verbs(TARGET)).toEqual([]);
  expect(() => executor.preview('kill', TARGET)).toThrow('kill results/10.0.0.1:6379: its');
  await expect(executor.run('kill', TARGET, never())).rejects.toMatchObject({ code: 'ACTION_FAILED' });
});

test('only what is configured, and can be filled, is a verb', () => {
  const { executor } = setUp({
    redisNodes: { kill: node(''), start: node('', '{hots}') },
    proxies: { pause: node('') },
  });
  expect(executor.verbs(TARGET)).toEqual(['kill']);
  expect(executor.verbs({ ...TARGET, kind: 'constructor' })).toEqual([]);
  expect(() => executor.preview('toString', TARGET)).toThrow('add drills.executor.command.redisNodes.toString');
  expect(() => executor.preview('start', TARGET)).toThrow('{hots} is no placeholder');
});

test('a code that is not 0 is told with the end of what was said, without credentials', async () => {
  const script = `process.stderr.write('x'.repeat(200000) + ' amqp://u:secret@h/ the end'); process.exitCode = 3`;
  const { executor } = setUp({ redisNodes: { kill: node(script) } });
  const { code, output } = await executor.run('kill', TARGET, never());
  expect(code).toBe(3);
  expect(output).toMatch(/^… x+ amqp:\/\/\*\*\*@h\/ the end$/);
  expect(Buffer.byteLength(output)).toBeLessThanOrEqual(64 * 1024 + 8);
});

test('a program that is not there fails, and names the verb and the target', async () => {
  const { executor } = setUp({ redisNodes: { kill: ['/no/such/program'] } });
  await expect(executor.run('kill', TARGET, never())).rejects.toThrow(/kill results\/10.0.0.1:6379: .*ENOENT/);
});

/** A command that takes a minute unless `go` is called, and a process that it started. Both end with the test. */
function slowCommand() {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-executor-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'pid');
  // Ends with what it started.
  const script = 'sleep 60 & echo $! > "$0.new"; mv "$0.new" "$0"; wait; echo done > "$0.done"';
  return {
    argv: ['/bin/sh', '-c', script, file],
    async begun() {
      const pid = await vi.waitFor(() => Number(readFileSync(file, 'utf8')), { timeout: 5_000, interval: 5 });
      const kill = () => isAlive(pid) && process.kill(pid, 'SIGKILL');
      onTestFinished(() => void kill());
      const hasDone = () => existsSync(`${file}.done`);
      return { pid, go: kill, hasDone };
    },
  };
}

const gone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 2_000, interval: 5 });

test.each(['start', 'resume'])(
  'a %s that is called off ends at once, with everything that it started',
  async (verb) => {
    const { argv, begun } = slowCommand();
    const { executor } = setUp({ redisNodes: { [verb]: argv } });
    const calling = new AbortController();
    const failing = expect(executor.run(verb, TARGET, calling.signal)).rejects.toThrow('called off');
    const { pid, hasDone } = await begun();
    calling.abort();
    await failing;
    await gone(pid);
    expect(hasDone()).toBe(false);
  },
);

test('a command has as long as its caller allows; only after ten minutes it ends in any case', async () => {
  const { argv, begun } = slowCommand();
  const { clock, executor } = setUp({ redisNodes: { start: argv } });
  const failing = expect(executor.run('start', TARGET, never())).rejects.toThrow('no answer within 600 s');
  const { pid } = await begun();
  clock.advance(599_000);
  expect(isAlive(pid)).toBe(true);
  clock.advance(1_000);
  await failing;
  await gone(pid);
});

test.each(['kill', 'pause'])(
  'a %s that is called off comes to its own end first, and counts as called off',
  async (verb) => {
    const { argv, begun } = slowCommand();
    const { clock, executor } = setUp({ redisNodes: { [verb]: argv } });
    const calling = new AbortController();
    let isOver = false;
    const running = executor.run(verb, TARGET, calling.signal).finally(() => {
      isOver = true;
    });
    const failing = expect(running).rejects.toThrow(`${verb} ${TARGET.id}: called off`);
    const { pid, go, hasDone } = await begun();
    calling.abort();
    clock.advance(9_000);
    await new Promise(setImmediate);
    expect([isOver, isAlive(pid)]).toEqual([false, true]);
    go();
    await failing;
    expect(hasDone()).toBe(true);
  },
);

test('a kill that is called off and does not end is ended after ten seconds', async () => {
  const { argv, begun } = slowCommand();
  const { clock, executor } = setUp({ redisNodes: { kill: argv } });
  const calling = new AbortController();
  const failing = expect(executor.run('kill', TARGET, calling.signal)).rejects.toThrow('called off');
  const { pid, hasDone } = await begun();
  calling.abort();
  clock.advance(10_000);
  await failing;
  await gone(pid);
  expect(hasDone()).toBe(false);
});

/** A zombie that nobody has buried yet has ended, too. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a command gets nothing of Trellis’s own environment', async () => {
  const { executor } = setUp({ redisNodes: { kill: node('console.log(Object.keys(process.env).sort().join())') } });
  expect((await executor.run('kill', TARGET, never())).output).toBe('HOME,LANG,PATH');
});
