/** Reads the command line of `npm run lab -- …`. Pure. */
import { parseArgs } from 'node:util';
import { LabError } from './error.ts';
import { MEMBER_VERBS, type MemberVerb } from './protocol.ts';

/** What the command line asks for; `dir` is `undefined` for the project's own lab. */
export type LabCommand = { readonly dir: string | undefined } & (
  | { readonly verb: 'help' }
  | { readonly verb: 'up'; readonly ratePerSecond: number | undefined }
  | { readonly verb: 'down' }
  | { readonly verb: 'status'; readonly json: boolean }
  | { readonly verb: 'logs'; readonly target: string | undefined; readonly follow: boolean }
  | { readonly verb: MemberVerb; readonly target: string }
);

/** What `help` prints. */
export const USAGE = `npm run lab -- <command> [--dir <lab directory>]

  up [--rate <tasks/s>]           bring the lab up, or make it whole again; returns when it is whole
  down                            end every process of the lab
  status [--json]                 what runs, and whether the lab is whole
  logs [<target>] [-f]            the last lines of the logs; -f follows them
  kill <target>                   SIGKILL
  stop <target>                   SIGTERM, then SIGKILL after a limit
  start <target>                  start what does not run, resume what is paused
  pause <target>                  SIGSTOP
  resume <target>                 SIGCONT

A target is a host (host-1, host-2, host-3) or a process on it (host-1/rabbitmq).`;

/**
 * Parses the arguments after `lab`.
 * @throws LabError that says what is wrong.
 */
export function parseArguments(argv: readonly string[]): LabCommand {
  const { values, positionals } = read(argv);
  const [verb = 'help', ...rest] = positionals;
  const dir = values.dir;
  const refuse = (allowed: readonly string[], targets: number) => {
    const alien = Object.keys(values).find((name) => name !== 'dir' && !allowed.includes(name));
    if (alien !== undefined) throw new LabError(`"${verb}" has no option --${alien}`);
    if (rest.length > targets) throw new LabError(`"${verb}" takes no "${rest[targets]}"`);
  };
  if (verb === 'help' || values.help) return { verb: 'help', dir };
  if (verb === 'up') {
    refuse(['rate'], 0);
    return { verb, dir, ratePerSecond: values.rate === undefined ? undefined : parseRate(values.rate) };
  }
  if (verb === 'down') {
    refuse([], 0);
    return { verb, dir };
  }
  if (verb === 'status') {
    refuse(['json'], 0);
    return { verb, dir, json: values.json ?? false };
  }
  if (verb === 'logs') {
    refuse(['follow'], 1);
    return { verb, dir, target: rest[0], follow: values.follow ?? false };
  }
  const memberVerb = MEMBER_VERBS.find((name) => name === verb);
  if (memberVerb === undefined) throw new LabError(`There is no command "${verb}".\n\n${USAGE}`);
  refuse([], 1);
  if (rest[0] === undefined) throw new LabError(`"${verb}" needs a target, for example: ${verb} host-1/redis`);
  return { verb: memberVerb, dir, target: rest[0] };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        dir: { type: 'string' },
        rate: { type: 'string' },
        json: { type: 'boolean' },
        follow: { type: 'boolean', short: 'f' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new LabError((error as Error).message);
  }
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 1000)) throw new LabError(`--rate takes tasks per second, 0.1 to 1000, not "${text}"`);
  return rate;
}
