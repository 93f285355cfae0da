/** HAProxy: a server taken out and put back, its sessions ended, through each proxy's runtime socket. */
import { parse } from 'csv-parse/sync';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { EstateActions } from './estate-actions.ts';
import { tellSocket } from './haproxy-socket.ts';
import { actionError, outsideCall } from './outside-call.ts';

/** `socketOf` gives a proxy's runtime socket as `address:port`; null = none is configured. */
export type HaproxyActionsOptions = { clock: TimerClock; socketOf(proxy: string): string | null };

type ServerNow = Awaited<ReturnType<EstateActions['haproxy']['servers']>>[number];

const LIMIT_MS = 2_000;
/** Of runtime sockets, in HAProxy's words. */
const LEVELS = ['user', 'operator', 'admin'];
/** `backend/server`; what could end the command, or begin another, is no name. */
const SERVER = /^[\w.:-]+\/[\w.:-]+$/;

/** The verbs on proxies. HAProxy answers a command that it has carried out with nothing: everything else is an error. */
export function createHaproxyActions({ clock, socketOf }: HaproxyActionsOptions): EstateActions['haproxy'] {
  const ask = (proxy: string, command: string, signal: AbortSignal): Promise<string> => {
    const socket = socketOf(proxy);
    const what = `${proxy}: ${command}`;
    if (socket === null)
      throw actionError(what, 'the configuration names no runtime socket: add one of level admin under acting.haproxy');
    return outsideCall(what, { clock, limitMs: LIMIT_MS, signal }, async (limited) => {
      const answer = await tellSocket(socket, command, limited);
      // Without the right level, everything is answered with this.
      if (/^permission denied/i.test(answer)) throw new Error('permission denied: the socket needs level admin');
      return answer;
    });
  };
  const order = async (proxy: string, servers: string | readonly string[], command: string, signal: AbortSignal) => {
    if (![servers].flat().every((server) => SERVER.test(server)))
      throw actionError(`${proxy}: ${command}`, 'write the server as backend/server');
    const answer = await ask(proxy, command, signal);
    if (answer !== '') throw actionError(`${proxy}: ${command}`, answer);
  };
  return {
    setState: (proxy, server, state, signal) => order(proxy, server, `set server ${server} state ${state}`, signal),
    setHealth: (proxy, server, health, signal) => order(proxy, server, `set server ${server} health ${health}`, signal),
    shutdownSessions: (proxy, server, signal) => order(proxy, server, `shutdown sessions server ${server}`, signal),
    replaceServer: (proxy, server, by, signal) =>
      order(proxy, [server, ...by], replaceCommands(server, by).join('; '), signal),
    async level(proxy, signal) {
      const answer = await ask(proxy, 'show cli level', signal);
      return LEVELS.includes(answer) ? answer : null;
    },
    async servers(proxy, signal) {
      const [states, csv] = await Promise.all([
        ask(proxy, 'show servers state', signal),
        ask(proxy, 'show stat', signal),
      ]);
      const servers = serversIn(csv, adminStates(states));
      if (servers === null) throw actionError(`${proxy}: show stat`, `answered ${csv.slice(0, 80)}`);
      return servers;
    },
  };
}

/** What puts others in the place of a server; HAProxy carries the commands of one line out in turn. */
export function replaceCommands(server: string, by: readonly string[]): string[] {
  return [
    ...by.map((one) => `set server ${one} health up`),
    `set server ${server} state maint`,
    `shutdown sessions server ${server}`,
  ];
}

/** Bits of `srv_admin_state`: taken out by whom, and drained by whom. */
const MAINT = 0x01 | 0x02 | 0x04 | 0x20;
const DRAIN = 0x08 | 0x10;

/** The administrative state of each `backend/server` in `show servers state`. */
function adminStates(text: string): ReadonlyMap<string, string> {
  const [, header = '', ...rows] = text.split('\n');
  const columns = header.replace(/^# /, '').split(' ');
  const column = (name: string) => columns.indexOf(name);
  const [backend, server, admin] = [column('be_name'), column('srv_name'), column('srv_admin_state')];
  return new Map(
    rows.map((row) => {
      const fields = row.split(' ');
      const bits = Number(fields[admin]);
      return [`${fields[backend]}/${fields[server]}`, bits & MAINT ? 'maint' : bits & DRAIN ? 'drain' : 'ready'];
    }),
  );
}

/** Value of the `type` column for a server. */
const SERVER_TYPE = '2';

function serversIn(csv: string, admin: ReadonlyMap<string, string>): ServerNow[] | null {
  if (!csv.startsWith('# ')) return null;
  const rows: Record<string, string>[] = parse(csv.slice(2), {
    columns: true,
    relax_column_count_more: true,
    skip_empty_lines: true,
    record_delimiter: '\n',
  });
  return rows
    .filter(({ type }) => type === SERVER_TYPE)
    .map(({ pxname, svname, status = '', scur }) => {
      const server = `${pxname}/${svname}`;
      return { server, admin: admin.get(server) ?? 'unknown', status, sessions: Number(scur) };
    });
}
