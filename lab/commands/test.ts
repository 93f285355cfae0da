/** `npm test`: everything on this machine, in order. `npm test -- unit` (or check, lab, e2e) runs only a part. */
import { join } from 'node:path';
import { DEFAULT_LAB_DIR } from '#lab/paths.ts';
import { readDemoNote } from './demo-state.ts';
import { CommandError, runCommand } from './progress.ts';
import { setUp } from './setup.ts';
import { PARTS, type Part, runAsCommand, type TestPlan } from './test-run.ts';
import { childEnvironment, endOrphans, markOf, ownIdentity, ROOT, scriptCommands, TRELLIS } from './workspace.ts';

const NODE = process.execPath;
const BIN = join(ROOT, 'node_modules/.bin');

function vitest(project: string) {
  return (report: string, files: readonly string[] = []) => [
    ...[join(BIN, 'vitest'), 'run', '--project', project, ...files],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ];
}

function planOf(mark: string): TestPlan {
  return {
    root: ROOT,
    env: childEnvironment(ROOT, mark),
    setUp: async (parts) => {
      if (parts.has('lab') || parts.has('e2e')) await setUp({ browser: parts.has('e2e') });
    },
    check: scriptCommands(ROOT, 'check'),
    build: scriptCommands(ROOT, 'build'),
    unit: { reporter: 'vitest', command: vitest('unit'), again: vitest('unit') },
    lab: { reporter: 'vitest', command: vitest('lab') },
    e2e: {
      reporter: 'playwright',
      command: () => [join(BIN, 'playwright'), 'test', '--reporter=list,json'],
      env: (report) => ({ PLAYWRIGHT_JSON_OUTPUT_FILE: report, TRELLIS_URL: TRELLIS.url }),
    },
    labUp: [NODE, 'lab/cli.ts', 'up'],
    labDown: [NODE, 'lab/cli.ts', 'down'],
    trellis: {
      command: [NODE, 'server/cli/start.ts', '--config', '.lab/trellis.yaml'],
      url: TRELLIS.url,
      port: TRELLIS.port,
      logFile: join(DEFAULT_LAB_DIR, 'logs', 'trellis.log'),
    },
    scope: { mark, labDir: DEFAULT_LAB_DIR, ports: [TRELLIS.port] },
    leftoverGraceMs: 5_000,
  };
}

function partsOf(args: readonly string[]): ReadonlySet<Part> {
  const unknown = args.find((arg) => !PARTS.some((part) => part === arg));
  if (unknown !== undefined) {
    throw new CommandError(
      `npm test -- ${unknown}: there is no such part. Parts: ${PARTS.join(', ')}; none means all.`,
    );
  }
  return new Set(args.length === 0 ? PARTS : PARTS.filter((part) => args.includes(part)));
}

async function main(): Promise<void> {
  const parts = partsOf(process.argv.slice(2));
  if (readDemoNote(ROOT)?.isAlive) {
    throw new CommandError('A demo is running here, and the tests break its lab. End it first: npm run demo -- --stop');
  }
  await endOrphans('test', ROOT);
  const mark = markOf('test', ROOT, ownIdentity());
  await runAsCommand(planOf(mark), parts);
}

await runCommand(main);
