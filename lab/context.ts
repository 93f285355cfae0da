/** The lab's secrets and settings on the disk. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type LabPaths, secretFile } from './paths.ts';
import { type LabContext, type LabSettings, SECRET_NAMES } from './roles/role.ts';

/** The settings of a lab for which nobody chose any. */
export const DEFAULT_SETTINGS: LabSettings = { ratePerSecond: 20 };

/** What the roles may use, read from the disk. */
export function labContext(paths: LabPaths): LabContext {
  return {
    paths,
    settings: readSettings(paths),
    secret: (name) => readFileSync(secretFile(paths, name), 'utf8').trim(),
  };
}

/** The lab's settings. */
export function readSettings(paths: LabPaths): LabSettings {
  if (!existsSync(paths.settings)) return DEFAULT_SETTINGS;
  return { ...DEFAULT_SETTINGS, ...(JSON.parse(readFileSync(paths.settings, 'utf8')) as Partial<LabSettings>) };
}

/** Keeps the lab's settings. */
export function writeSettings(paths: LabPaths, settings: LabSettings): void {
  writeFileSync(paths.settings, `${JSON.stringify(settings)}\n`);
}

/** Makes the secrets that are missing; those that exist stay, so that a running Trellis keeps its access. */
export function ensureSecrets(paths: LabPaths): void {
  mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
  for (const name of SECRET_NAMES) {
    const file = secretFile(paths, name);
    if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  }
}
