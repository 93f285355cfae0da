/** Builds Trellis only when something that goes into the build has changed since the last one. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const INPUTS = [
  ...['app', 'components', 'lib', 'server', 'public'],
  ...['instrumentation.ts', 'proxy.ts', 'next.config.js', 'package.json', 'package-lock.json', 'tsconfig.json'],
];
const STAMP = '.next/trellis-build.json';
const SERVER = '.next/standalone/server.js';

/** A digest of everything that goes into the build. */
export function inputsDigest(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of INPUTS.flatMap((input) => filesOf(root, input)).sort()) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

/** Whether the build is missing, or older than its inputs. */
export function isBuildNeeded(root: string): boolean {
  if (!existsSync(join(root, SERVER))) return true;
  try {
    const stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8')) as { inputs?: unknown };
    return stamp.inputs !== inputsDigest(root);
  } catch {
    return true;
  }
}

/** Runs `build` between taking the old stamp away and writing the new one, so that a broken build is never taken for a good one. */
export async function buildWith(root: string, build: () => Promise<boolean>): Promise<boolean> {
  const inputs = inputsDigest(root);
  rmSync(join(root, STAMP), { force: true });
  if (!(await build())) return false;
  mkdirSync(dirname(join(root, STAMP)), { recursive: true });
  writeFileSync(join(root, STAMP), `${JSON.stringify({ inputs })}\n`);
  return true;
}

function filesOf(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  const entries = readdirSyncOrUndefined(full);
  if (entries === undefined) return [path];
  return entries.flatMap((name) => {
    if (/\.test\.tsx?$/.test(name) || name === 'fixtures' || name === 'scenarios') return [];
    return filesOf(root, `${path}/${name}`);
  });
}

function readdirSyncOrUndefined(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined; // a file
  }
}
