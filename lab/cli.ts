/** `npm run lab -- …`: the lab's command line. Exit code 0: done, and whole where that was asked for; 1: one message. */
import { getPriority, setPriority } from 'node:os';
import { relative } from 'node:path';
import { type LabCommand, parseArguments, USAGE } from './arguments.ts';
import { type LabStatus, type MemberStatus, openLab, type Target } from './control.ts';
import { LabError } from './error.ts';
import { MEMBERS, type MemberId, resolveTarget } from './layout.ts';
import { follow, tail } from './logs.ts';
import { DEFAULT_LAB_DIR, labPaths, memberLog } from './paths.ts';
import { progressPrinter } from './progress-printer.ts';

const TAIL_LINES = 20;

async function run(command: LabCommand): Promise<void> {
  // Whoever calls may come first on this machine; what is started here must not.
  if (getPriority() < 0) setPriority(0);
  const lab = openLab(command.dir);
  const onStep = progressPrinter(process.stdout);
  switch (command.verb) {
    case 'help':
      return print(USAGE);
    case 'up': {
      const startedMs = performance.now();
      const rate = command.ratePerSecond;
      await lab.up({ onStep, ...(rate === undefined ? {} : { ratePerSecond: rate }) });
      print(`The lab is whole (${((performance.now() - startedMs) / 1000).toFixed(1)} s). ${lab.paths.trellisYaml}`);
      return;
    }
    case 'down':
      await lab.down({ onStep });
      return print('The lab is down.');
    case 'status': {
      const status = await lab.status();
      return print(command.json ? JSON.stringify(status, null, 2) : describe(status));
    }
    case 'logs':
      return showLogs(command);
    default:
      return print(table(await lab[command.verb](command.target as Target)));
  }
}

async function showLogs({ dir, target, follow: goOn }: Extract<LabCommand, { verb: 'logs' }>): Promise<void> {
  const paths = labPaths(dir ?? DEFAULT_LAB_DIR);
  const ids = target === undefined ? MEMBERS : resolve(target);
  const names = new Map(ids.map((id) => [memberLog(paths, id), id]));
  const show = (file: string, line: string) => print(ids.length === 1 ? line : `${names.get(file)}  ${line}`);
  for (const file of names.keys()) for (const line of tail(file, TAIL_LINES)) show(file, line);
  if (goOn) await follow([...names.keys()], show);
}

function resolve(target: string): readonly MemberId[] {
  try {
    return resolveTarget(target);
  } catch (error) {
    throw new LabError((error as Error).message);
  }
}

function describe(status: LabStatus): string {
  const supervisor = {
    running: `supervisor ${status.supervisor.pid}, traffic at ${status.ratePerSecond} tasks/s`,
    dead: 'the supervisor is dead; `up` begins afresh, `down` ends what is left',
    none: 'down',
  }[status.supervisor.state];
  const verdict = status.whole ? ['The lab is whole.'] : status.problems.map(({ what }) => `not whole: ${what}`);
  return [`${status.dir}: ${supervisor}`, table(status.members), ...verdict].join('\n');
}

function table(members: readonly MemberStatus[]): string {
  const rows = members.map((member) => [
    member.id,
    member.state + (member.state === 'exited' ? ` (${member.exit?.signal ?? `code ${member.exit?.code}`})` : ''),
    member.pid === null ? '-' : String(member.pid),
    member.since === null ? '-' : member.since.slice(11, 19),
    Object.entries(member.endpoints)
      .map(([name, endpoint]) => `${name} ${endpoint}`)
      .join(', '),
    relative(process.cwd(), member.log),
  ]);
  const all = [['process', 'state', 'pid', 'since (UTC)', 'listens on', 'log'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await run(parseArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`\n${error instanceof LabError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
