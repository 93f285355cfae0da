/** Where everything of one lab lives on the disk. Pure. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Host, type MemberId, memberId } from './layout.ts';

/** The folders and files of one lab; every path is absolute. */
export type LabPaths = ReturnType<typeof labPaths>;

/** The folder that holds the lab's code. */
export const LAB_CODE_DIR: string = dirname(fileURLToPath(import.meta.url));

/** The lab directory that is used where none is named. */
export const DEFAULT_LAB_DIR: string = join(dirname(LAB_CODE_DIR), '.lab');

/** Computes the paths of the lab in `dir` (relative to the current folder where not absolute). */
export function labPaths(dir: string) {
  const root = resolve(dir);
  return {
    root,
    /** Servers' data and generated configuration: removed by every fresh `up`. */
    data: join(root, 'data'),
    logs: join(root, 'logs'),
    secrets: join(root, 'secrets'),
    traffic: join(root, 'traffic'),
    ledger: join(root, 'traffic', 'ledger.sqlite'),
    account: join(root, 'traffic', 'account.jsonl'),
    beatDatabase: join(root, 'data', 'beat', 'beat.sqlite'),
    trellisYaml: join(root, 'trellis.yaml'),
    settings: join(root, 'settings.json'),
    state: join(root, 'state.json'),
    socket: join(root, 'supervisor.sock'),
    upLock: join(root, 'up.lock'),
    supervisorLog: join(root, 'logs', 'supervisor.log'),
  } as const;
}

/** The folder of one member's data and configuration. */
export function memberDir(paths: LabPaths, id: MemberId): string {
  return join(paths.data, id);
}

/** The log file of one member. */
export function memberLog(paths: LabPaths, id: MemberId): string {
  return join(paths.logs, `${id.replace('/', '.')}.log`);
}

/** The configuration of a host's HAProxy. */
export function proxyConfigFile(paths: LabPaths, host: Host): string {
  return join(memberDir(paths, memberId(host, 'haproxy')), 'haproxy.cfg');
}

/** The file that holds a user's password. */
export function secretFile(paths: LabPaths, name: string): string {
  return join(paths.secrets, name);
}
