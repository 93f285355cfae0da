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

type Section = { keyword: string; name: string; settings: ServerSettings };

/** The settings of every server of the file. @throws ProbeError when it is not HAProxy's */
export function configFilePayload(text: string): ConfigFilePayload {
  const servers: ConfigFilePayload['servers'] = [];
  const defaults: Section[] = [];
  let section: Section | null = null;
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = wordsOf(line);
    if (SECTIONS.has(keyword)) {
      section = { keyword, name: words[0] ?? '', settings: inherited(keyword, words, defaults) };
      if (keyword === 'defaults') defaults.push(section);
    } else if (section !== null && /^(defaults|backend|listen)$/.test(section.keyword)) {
      const [name, _address, ...options] = words;
      if (keyword === 'default-server') section.settings = settingsOf(section.settings, words);
      if (keyword === 'server' && name !== undefined) {
        servers.push({ backend: section.name, name, ...settingsOf(section.settings, options) });
      }
    }
  }
  if (section === null) throw new ProbeError('protocol', 'not an HAProxy configuration: it has no section');
  return { servers };
}

/** What a section begins with: the defaults that it names, else the last ones before it; defaults inherit only by name. */
function inherited(keyword: string, words: readonly string[], defaults: readonly Section[]): ServerSettings {
  const from = words.indexOf('from');
  const parent =
    from >= 0
      ? defaults.findLast((one) => one.name === words[from + 1])
      : keyword === 'defaults'
        ? undefined
        : defaults.at(-1);
  return parent?.settings ?? DEFAULTS;
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
