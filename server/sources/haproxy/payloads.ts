/** What Trellis keeps of HAProxy's statistics (2.2 and newer). Columns are found by name: their number differs by version. */
import { parse } from 'csv-parse/sync';
import { ProbeError } from '#server/sources/source.ts';

export type ServerRow = {
  backend: string;
  name: string;
  address: string | null;
  status: string;
  backup: boolean;
  checkStatus: string | null;
  checkDetail: string | null;
  fall: number | null;
  rise: number | null;
  sessions: number | null;
  totalSessions: number | null;
  secondsSinceChange: number | null;
};
export type StatsPayload = { servers: ServerRow[] };

/** Value of the `type` column for a server. */
const SERVER_TYPE = '2';

const CSV = { columns: true, relax_column_count_more: true, skip_empty_lines: true, record_delimiter: '\n' } as const;

/** The statistics out of CSV. @throws ProbeError when it is not HAProxy's CSV */
export function statsPayload(csv: string): StatsPayload {
  if (csv.startsWith('# ') && !csv.endsWith('\n')) throw new ProbeError('protocol', 'statistics: cut short');
  if (!csv.startsWith('# ')) throw new ProbeError('protocol', 'not HAProxy statistics (does the URL end in ;csv?)');
  let rows: Record<string, string>[];
  try {
    rows = parse(csv.slice(2), CSV);
  } catch (error) {
    throw new ProbeError('protocol', `statistics: ${(error as Error).message}`);
  }
  return { servers: rows.filter((row) => row.type === SERVER_TYPE).map(serverRow) };
}

export type InfoPayload = { version: string; connections: number | null; maxConnections: number | null };

/** `show info`: a line for each figure. @throws ProbeError when it is not HAProxy's */
export function infoPayload(text: string): InfoPayload {
  const fields = new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2).trim()] as const;
    }),
  );
  const version = fields.get('Version');
  if (fields.get('Name') !== 'HAProxy' || !version) throw new ProbeError('protocol', 'show info: not HAProxy');
  return { version, connections: count(fields.get('CurrConns')), maxConnections: count(fields.get('Maxconn')) };
}

function serverRow(row: Record<string, string>): ServerRow {
  const { pxname, svname, status } = row;
  if (pxname === undefined || svname === undefined || status === undefined) {
    throw new ProbeError('protocol', 'statistics: a server without pxname, svname or status');
  }
  return {
    backend: pxname,
    name: svname,
    address: row.addr || null,
    status,
    backup: row.bck === '1',
    // "* " marks a check that is running at this moment; the result before it still stands.
    checkStatus: row.check_status?.replace(/^\* /, '') || null,
    checkDetail: row.last_chk || row.check_desc || null,
    fall: count(row.check_fall),
    rise: count(row.check_rise),
    sessions: count(row.scur),
    totalSessions: count(row.stot),
    secondsSinceChange: count(row.lastchg),
  };
}

function count(text: string | undefined): number | null {
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text);
}
