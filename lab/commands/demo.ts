/** `npm run demo`: the lab and Trellis on this machine, until Ctrl-C; `npm run demo -- --stop` ends it from elsewhere. */
import { type DemoPlan, runDemo, stopDemo } from './demo-run.ts';
import { CommandError, runCommand } from './progress.ts';
import { setUp } from './setup.ts';
import { childEnvironment, markOf, ownIdentity, ROOT, scriptCommands, TRELLIS } from './workspace.ts';

const NODE = process.execPath;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg !== '--stop');
  if (unknown !== undefined) throw new CommandError(`npm run demo -- ${unknown}: there is only --stop.`);

  const ended = new AbortController();
  // More than one may come (the terminal's and npm's), and putting away has limits of its own.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ended.abort());
  // A terminal that is gone must not keep the lab from going down.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  const plan: DemoPlan = {
    root: ROOT,
    env: childEnvironment(ROOT, markOf('demo', ROOT, ownIdentity())),
    setUp: () => setUp({ browser: false }),
    build: scriptCommands(ROOT, 'build'),
    labUp: [NODE, 'lab/cli.ts', 'up'],
    labDown: [NODE, 'lab/cli.ts', 'down'],
    trellis: { command: [NODE, 'server/cli/start.ts', '--config', '.lab/trellis.yaml'], ...TRELLIS },
  };
  await (args.includes('--stop') ? stopDemo(plan) : runDemo(plan, ended.signal));
}

await runCommand(main);
