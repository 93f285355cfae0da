/** Taken ports: who listens where (from /proc/net/tcp), and what to tell the person about it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endpointsOf, type MemberId } from './layout.ts';
import { commandOf, labOf } from './processes.ts';

/** A listening TCP socket; `0.0.0.0` stands for every address. */
export type Listener = {
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
};

/** A process that holds a socket. */
export type Holder = {
  readonly pid: number;
  readonly command: string /** Its lab directory. */;
  readonly lab?: string;
};

/** A port that a member needs and somebody else has. */
export type Conflict = {
  readonly member: MemberId;
  readonly endpoint: string;
  readonly uid: number;
  /** `undefined` when the process cannot be seen (another user's). */
  readonly holder: Holder | undefined;
};

/** Every listening TCP socket of this machine. */
export function listeners(): readonly Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return parseListeners(readFileSync(file, 'utf8'));
    } catch {
      return []; // no IPv6 here
    }
  });
}

/** Reads the listening sockets out of the text of /proc/net/tcp or /proc/net/tcp6. */
export function parseListeners(text: string): readonly Listener[] {
  const LISTEN = '0A';
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .flatMap((fields) => {
      const [hexAddress, hexPort] = (fields[1] ?? '').split(':');
      const address = parseAddress(hexAddress ?? '');
      if (address === undefined || hexPort === undefined) return [];
      return [{ address, port: Number.parseInt(hexPort, 16), uid: Number(fields[7]), inode: fields[9] ?? '' }];
    });
}

/** IPv4 from the kernel's hex (little-endian words); `::` counts as `0.0.0.0` (it takes both); other IPv6 is not ours. */
function parseAddress(hex: string): string | undefined {
  if (/^0+$/.test(hex)) return '0.0.0.0';
  const isMapped = hex.length === 32 && hex.startsWith('0000000000000000FFFF0000');
  const word = isMapped ? hex.slice(24) : hex;
  if (word.length !== 8) return undefined;
  return (word.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

/** The listeners on any of the given `address:port` endpoints, or on the whole of 127.0.1.* where none are given. */
export function listenersInTheWay(
  all: readonly Listener[],
  endpoints: readonly string[],
): ReadonlyMap<string, Listener> {
  const taken = new Map<string, Listener>();
  for (const endpoint of endpoints) {
    const [address, port] = endpoint.split(':');
    const listener = all.find(
      (candidate) =>
        candidate.port === Number(port) && (candidate.address === address || candidate.address === '0.0.0.0'),
    );
    if (listener !== undefined) taken.set(endpoint, listener);
  }
  return taken;
}

/** The ports that the given members need and that a process outside the lab in `root` holds. */
export function findConflicts(root: string, ids: readonly MemberId[]): readonly Conflict[] {
  const all = listeners();
  const wanted = ids.flatMap((member) => Object.values(endpointsOf(member)).map((endpoint) => ({ member, endpoint })));
  const taken = listenersInTheWay(
    all,
    wanted.map(({ endpoint }) => endpoint),
  );
  if (taken.size === 0) return [];
  const holders = holdersOf(new Set([...taken.values()].map(({ inode }) => inode)));
  return wanted.flatMap(({ member, endpoint }) => {
    const listener = taken.get(endpoint);
    if (listener === undefined) return [];
    const holder = holders.get(listener.inode);
    return holder?.lab === root ? [] : [{ member, endpoint, uid: listener.uid, holder }];
  });
}

function holdersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    for (const inode of socketsOf(pid)) {
      if (!inodes.has(inode) || holders.has(inode)) continue;
      const lab = labOf(pid);
      holders.set(inode, { pid, command: commandOf(pid), ...(lab === undefined ? {} : { lab }) });
    }
  }
  return holders;
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // ended meanwhile, or another user's
  }
}

/** The message for a person whose lab cannot start because of these conflicts. */
export function describeConflicts(conflicts: readonly Conflict[]): string {
  const other = conflicts.find(({ holder }) => holder?.lab !== undefined)?.holder?.lab;
  if (other !== undefined) {
    return `Another lab runs on this machine, in ${other}.\nEnd it with: npm run lab -- down --dir ${other}`;
  }
  const lines = conflicts.map(({ member, endpoint, uid, holder }) => {
    const who =
      holder === undefined
        ? `a process of user id ${uid} that this user cannot see`
        : `pid ${holder.pid} (${holder.command})`;
    return `  ${endpoint}, needed by ${member}, is held by ${who}`;
  });
  return `Ports that the lab needs are taken:\n${lines.join('\n')}\nEnd these processes, then run the command again.`;
}
