/** Writes everything that a fresh lab needs before its first process starts. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureSecrets, labContext, writeSettings } from './context.ts';
import { MEMBERS } from './layout.ts';
import type { LabPaths } from './paths.ts';
import { memberSpec } from './roles/registry.ts';
import type { LabSettings } from './roles/role.ts';
import { trellisYaml } from './trellis-yaml.ts';

/** Throws away the old data, keeps the last run's logs as `logs.old`, and writes all configuration. */
export function prepareFresh(paths: LabPaths, settings: LabSettings): void {
  for (const dir of [paths.data, paths.traffic, `${paths.logs}.old`]) rmSync(dir, { recursive: true, force: true });
  if (existsSync(paths.logs)) renameSync(paths.logs, `${paths.logs}.old`);
  for (const dir of [paths.data, paths.traffic, paths.logs, dirname(paths.beatDatabase)])
    mkdirSync(dir, { recursive: true });
  ensureSecrets(paths);
  writeSettings(paths, settings);
  const lab = labContext(paths);
  for (const file of MEMBERS.flatMap((id) => memberSpec(lab, id).files)) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.content, { mode: file.mode ?? 0o600 });
  }
  writeFileSync(paths.trellisYaml, trellisYaml(paths));
}
