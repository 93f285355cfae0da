/** What a role must tell the lab: its files, its command line, and how it is stopped and restarted. */
import type { Host } from '#lab/layout.ts';
import type { LabPaths } from '#lab/paths.ts';

/** A generated file; `path` is absolute, `mode` defaults to 0600. */
export type LabFile = { readonly path: string; readonly content: string; readonly mode?: number };

/** How a process is started; `env` is added to the lab's own minimal environment. No secret ever stands in `argv`. */
export type Command = {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** The people's choices that survive a restart of the supervisor. */
export type LabSettings = { /** Tasks per second that the traffic publishes. */ readonly ratePerSecond: number };

/** What a role may use. */
export type LabContext = {
  readonly paths: LabPaths;
  readonly settings: LabSettings;
  /** The password of a lab user. */
  readonly secret: (name: SecretName) => string;
};

/** The generated secrets, one file each. */
export const SECRET_NAMES = ['app', 'trellis-read', 'trellis-act', 'erlang-cookie', 'django'] as const;
/** A generated secret's name. */
export type SecretName = (typeof SECRET_NAMES)[number];

/**
 * What starts a member again, a second after an exit that nobody asked for: `always` = every exit, as systemd's `Restart=always`;
 * `on-error` = an exit code that is not 0. A signal is no error here: whoever kills it wants it to be gone.
 */
export type RestartRule = 'never' | 'on-error' | 'always';

/** Whether a member with this rule is started again after such an end. */
export function startsAgain(rule: RestartRule, { code }: { code: number | null }): boolean {
  return rule === 'always' || (rule === 'on-error' && code !== null && code !== 0);
}

/** One role of a host. */
export type RoleSpec = {
  readonly restart: RestartRule;
  /** How long `stop` waits for SIGTERM to work before SIGKILL. */
  readonly stopLimitMs: number;
  /** The files to write before the first start; servers rewrite some of them later, so they are written once per fresh lab. */
  readonly files: (lab: LabContext, host: Host) => readonly LabFile[];
  readonly command: (lab: LabContext, host: Host) => Command;
};
