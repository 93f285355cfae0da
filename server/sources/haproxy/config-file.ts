/**
 * What only HAProxy's own configuration file tells: how often a server is checked, and what becomes of its sessions. Pure.
 * The file holds secrets (`userlist`, `stats auth`): nothing but these settings leaves this module.
 */
import { ProbeError } from '#server/sources/source.ts';

export type ServerSettings = { intervalMs: number; fall: number; rise: number; endsSessions: boolean };
/** The servers of the `backend` and `listen` sections. */
export type ConfigFilePayload = { servers: ({ backend: string; name: string } & ServerSettings)[] };

/** HAProxy's own defaults (configuration manual, "Server and default-server options"). */
const DEFAULTS: ServerSettings = { intervalMs: 2_000, fall: 3, rise: 2, endsSessions: false };

/** Every word that begins a section: some of them (`peers`, `ring`) have servers too, of another kind. */
const SECTIONS: ReadonlySet<string> = new Set([
  ...['global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'ring', 'resolvers', 'userlist', 'mailers'],
  ...['program', 'cache', 'http-errors', 'fcgi-app', 'log-forward', 'log-profile', 'crt-store', 'traces', 'acme'],
]);
const WITH_SERVERS: ReadonlySet<string> = new Set(['backend', 'listen']);
const WITH_SETTINGS: ReadonlySet<string> = new Set(['defaults', 'backend', 'listen']);

type Section = { kind: string; name: string; settings: ServerSettings };

/** The settings of every server of the file. @throws ProbeError when it is not HAProxy's */
export function configFilePayload(text: string): ConfigFilePayload {
  const servers: ConfigFilePayload['servers'] = [];
  const named = new Map<string, Section>();
  let unnamed: Section | null = null;
  let section: Section | null = null;
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = wordsOf(line);
    if (SECTIONS.has(keyword)) {
      const [name = ''] = words;
      const from = words[1] === 'from' ? words[2] : keyword === 'defaults' && name === 'from' ? words[1] : undefined;
      const inherited: Section | null | undefined =
        from !== undefined ? named.get(from) : keyword === 'defaults' ? null : unnamed;
      section = { kind: keyword, name, settings: inherited?.settings ?? DEFAULTS };
      if (keyword === 'defaults') {
        unnamed = section;
        named.set(name, section);
      }
    } else if (section === null) {
    } else if (keyword === 'default-server' && WITH_SETTINGS.has(section.kind)) {
      section.settings = settingsOf(section.settings, words);
    } else if (keyword === 'server' && words[0] !== undefined && WITH_SERVERS.has(section.kind)) {
      servers.push({ backend: section.name, name: words[0], ...settingsOf(section.settings, words.slice(2)) });
    }
  }
  if (section === null) throw new ProbeError('protocol', 'not an HAProxy configuration: it has no section');
  return { servers };
}

/** A word is in quotes or outside, where a backslash keeps what is behind it; `#` begins a comment. */
const WORD = /(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s#\\"'])+|#.*/g;

function wordsOf(line: string): string[] {
  return (line.match(WORD) ?? []).filter((word) => !word.startsWith('#')).map((word) => word.replace(/["']/g, ''));
}

/** The settings with what the words of one line change. */
function settingsOf(before: ServerSettings, words: readonly string[]): ServerSettings {
  const after = { ...before };
  for (const [i, word] of words.entries()) {
    const value = words[i + 1] ?? '';
    if (word === 'inter') after.intervalMs = durationMs(value) ?? after.intervalMs;
    if (word === 'fall' && /^\d+$/.test(value)) after.fall = Number(value);
    if (word === 'rise' && /^\d+$/.test(value)) after.rise = Number(value);
    if (word === 'on-marked-down') after.endsSessions = value === 'shutdown-sessions';
  }
  return after;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ...{ us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** `1500`, `1500ms`, `2s`, … as milliseconds; null = no duration. */
function durationMs(text: string): number | null {
  const [, digits, unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return digits === undefined ? null : Number(digits) * (UNIT_MS[unit] ?? 1);
}
