/** The file of API tokens: read again whenever it was replaced, and replaced whole or not at all. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ROLES } from '#lib/permissions.ts';

const tokenSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** SHA-256 (hex) of the whole token; the token itself is kept nowhere. */
  sha256: z.string().length(64),
  role: z.enum(ROLES),
  scopes: z.array(z.string()).nullable(),
  /** Epoch ms, as all that follow. */
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number(),
  revokedAt: z.number().nullable(),
});
export type StoredToken = z.infer<typeof tokenSchema>;

const fileSchema = z.strictObject({ tokens: z.array(tokenSchema) });

/** A lock that is older was left behind by a process that was killed. */
const LOCK_STALE_MS = 10_000;

/** The tokens in a file; none where there is no file. @throws Error with a message for people */
export function readTokens(path: string): readonly StoredToken[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).tokens;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Changes with every replacement of the file. */
export function tokenFileVersion(path: string): string {
  const { ino = 0, mtimeMs = 0, size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${ino}/${mtimeMs}/${size}`;
}

/** Reads, changes and replaces the file, while nobody else does. @throws Error with a message for people */
export function changeTokens(
  path: string,
  now: number,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): void {
  mkdirSync(dirname(path), { recursive: true });
  const unlock = lock(path, now);
  try {
    replaceFile(path, `${JSON.stringify({ tokens: change(readTokens(path)) }, null, 1)}\n`);
  } finally {
    unlock();
  }
}

/** Replaces a file that only its owner may read, whole or not at all. */
export function replaceFile(path: string, text: string): void {
  rmSync(`${path}.new`, { force: true });
  const file = openSync(`${path}.new`, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

function lock(path: string, now: number): () => void {
  const name = `${path}.lock`;
  const { mtimeMs = now } = statSync(name, { throwIfNoEntry: false }) ?? {};
  if (now - mtimeMs > LOCK_STALE_MS) rmSync(name, { force: true });
  try {
    closeSync(openSync(name, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`somebody else changes ${path} right now. Try again`);
  }
  return () => rmSync(name, { force: true });
}
