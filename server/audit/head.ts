/** The head of the audit: a small file beside it that knows how many entries there are, and the last hash. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Head } from './chain.ts';

const headSchema = z.object({ count: z.number().int().min(0), hash: z.string() });

/** Where the head of the audit in the file `path` is. */
export function headPath(path: string): string {
  return join(dirname(path), 'audit.head');
}

/** The head; null = there is none that can be read. */
export function readHead(path: string): Head | null {
  try {
    return headSchema.parse(JSON.parse(readFileSync(headPath(path), 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the head, whole or not at all. */
export function writeHead(path: string, head: Head): void {
  const target = headPath(path);
  const file = openSync(`${target}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(head)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${target}.new`, target);
}
