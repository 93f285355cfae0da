/**
 * The lab's supervisor: a daemon that owns every process of one lab and takes orders on a socket.
 * Started by `up` as `node lab/supervisor.ts <lab directory>`; ends with `down`.
 */
import { existsSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { labContext } from './context.ts';
import { endLab } from './end-lab.ts';
import { MEMBERS, type MemberId } from './layout.ts';
import { MemberProcess } from './member-process.ts';
import { labPaths, memberLog } from './paths.ts';
import { memberProcesses, signal } from './processes.ts';
import { type Answer, onLines, type Progress, type Request, type SupervisorReport } from './protocol.ts';
import { memberSpec } from './roles/registry.ts';

const LOG_LIMIT_BYTES = 50_000_000;
const LOG_CHECK_MS = 10_000;
/** For the last answer to reach whoever asked. */
const FAREWELL_MS = 50;

/** Runs until `down`. */
export function supervise(root: string): void {
  const paths = labPaths(root);
  const startedAtMs = Date.now();
  const members = new Map<MemberId, MemberProcess>();
  const report = (): SupervisorReport => ({
    pid: process.pid,
    startedAtMs,
    members: [...members.values()].map((member) => member.report()),
  });
  const save = () => {
    writeFileSync(`${paths.state}.new`, `${JSON.stringify(report(), null, 2)}\n`);
    renameSync(`${paths.state}.new`, paths.state);
  };
  for (const id of MEMBERS) {
    members.set(
      id,
      new MemberProcess(id, {
        root: paths.root,
        logFile: memberLog(paths, id),
        spec: () => memberSpec(labContext(paths), id),
        onChange: () => members.size === MEMBERS.length && save(),
      }),
    );
  }
  save();

  const act = async (request: Request, onProgress: (line: string) => void): Promise<void> => {
    if (request.verb === 'report') return;
    if (request.verb === 'down') {
      for (const member of members.values()) member.retire();
      await endLab(paths.root, onProgress);
      return;
    }
    const chosen = request.members.flatMap((id) => members.get(id) ?? []);
    if (request.verb === 'kill') {
      if (request.wholeHost) for (const member of chosen) member.retire();
      // One burst: a host that loses power loses everything in the same instant.
      for (const { pid } of memberProcesses(paths.root, request.members)) signal(pid, 'SIGKILL');
    }
    await Promise.all(
      chosen.map((member) => (request.verb === 'kill' ? member.kill(request.wholeHost) : member[request.verb]())),
    );
  };

  const server = createServer((socket) => {
    const say = (message: Answer | Progress) => {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    };
    socket.on('error', () => socket.destroy()); // a client that went away; its order is carried out all the same
    onLines(socket, (line) => void answer(line, say));
  });
  const answer = async (line: string, say: (message: Answer | Progress) => void): Promise<void> => {
    try {
      const request = JSON.parse(line) as Request & { readonly by?: string };
      note(request);
      await act(request, (progress) => say({ progress }));
      say({ report: report() });
      if (request.verb === 'down') setTimeout(leave, FAREWELL_MS);
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  const leave = () => {
    rmSync(paths.socket, { force: true });
    rmSync(paths.state, { force: true });
    process.exit(0);
  };

  rmSync(paths.socket, { force: true });
  server.listen(paths.socket);
  setInterval(() => {
    for (const id of MEMBERS) capLog(memberLog(paths, id));
  }, LOG_CHECK_MS);
  process.on('SIGHUP', () => undefined); // the terminal that started the lab may close
}

/** Every order stands in the supervisor's log, with who gave it: several people and tests may share one lab. */
function note(request: Request & { readonly by?: string }): void {
  if (request.verb === 'report') return;
  const members = request.verb === 'down' ? '' : ` ${request.members.join(' ')}`;
  console.log(`${new Date().toISOString()} ${request.verb}${members} by ${request.by ?? 'somebody'}`);
}

/** Logs are opened for appending, so the writer goes on at the new end. */
function capLog(file: string): void {
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) truncateSync(file, 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: node lab/supervisor.ts <lab directory>');
  supervise(root);
}
