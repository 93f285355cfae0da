/** What is said over the supervisor's socket: one JSON line asks, any number of progress lines and one answer come back. */
import { connect, type Socket } from 'node:net';
import type { MemberId } from './layout.ts';

/** What happened to a process at its end. */
export type Exit = { readonly code: number | null; readonly signal: string | null; readonly atMs: number };

/**
 * `stopped`: never started, or ended by `stop`; `exited`: ended in any other way, `kill` included; `paused`: SIGSTOP.
 */
export type MemberState = 'running' | 'paused' | 'stopped' | 'exited';

/** What the supervisor knows of one member; times are epoch milliseconds. */
export type MemberReport = {
  readonly id: MemberId;
  readonly state: MemberState;
  /** The first process's pid, while it lives. */
  readonly pid: number | null;
  readonly sinceMs: number;
  readonly exit: Exit | null;
  /** How often the restart rule has started it again. */
  readonly restarts: number;
};

/** Acts on members. */
export const MEMBER_VERBS = ['kill', 'stop', 'start', 'pause', 'resume'] as const;
/** One of `MEMBER_VERBS`. */
export type MemberVerb = (typeof MEMBER_VERBS)[number];

/** What can be asked. `members` acts on each; `whole` says that a whole host is meant, which no restart rule survives. */
export type Request =
  | { readonly verb: 'report' }
  | { readonly verb: 'down' }
  | { readonly verb: MemberVerb; readonly members: readonly MemberId[]; readonly wholeHost: boolean };

/** The supervisor's own state. */
export type SupervisorReport = {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly members: readonly MemberReport[];
};

/** The last line of an answer. */
export type Answer = { readonly report: SupervisorReport } | { readonly error: string };

/** A progress line. */
export type Progress = { readonly progress: string };

/** Raised when nobody answers on the socket. */
export class SupervisorGone extends Error {
  readonly code = 'SUPERVISOR_GONE';
}

/**
 * Asks the supervisor on `socketPath`.
 * @throws SupervisorGone when there is none, or it does not answer within `limitMs`; Error with its own words when it refuses.
 */
export function ask(
  socketPath: string,
  request: Request,
  options: { readonly limitMs: number; readonly onProgress?: (line: string) => void },
): Promise<SupervisorReport> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const gone = (why: string) => {
      socket.destroy();
      reject(new SupervisorGone(why));
    };
    socket.setTimeout(options.limitMs, () => gone(`the supervisor has not answered for ${options.limitMs / 1000} s`));
    socket.on('error', (error) => gone(`no supervisor: ${error.message}`));
    socket.on('close', () => gone('the supervisor went away'));
    socket.on('connect', () => socket.write(`${JSON.stringify({ ...request, by: sender() })}\n`));
    onLines(socket, (line) => {
      const message = JSON.parse(line) as Answer | Progress;
      if ('progress' in message) {
        options.onProgress?.(message.progress);
        return;
      }
      if ('error' in message) reject(new Error(message.error));
      else resolve(message.report);
      socket.destroy();
    });
  });
}

/** Who asks, for the supervisor's log. */
function sender(): string {
  return `pid ${process.pid} (${process.argv.slice(1).join(' ')})`;
}

/** Calls back for every complete line that arrives. */
export function onLines(socket: Socket, take: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}
