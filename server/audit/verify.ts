/** Checks an audit from its first entry to its last, apart from any running Trellis. */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { ChainState } from '#lib/contract/audit.ts';
import { explain } from '#server/sqlite/explain.ts';
import { createChainCheck } from './chain.ts';
import { readHead } from './head.ts';
import { openReadable } from './sqlite/file.ts';
import { follow } from './sqlite/reader.ts';

/**
 * Everything that does not fit in the audit in the file `path`: entries that were changed, removed, put in or put in another
 * order, and a tail that was cut off. Whoever can write both files can also make them fit: keep the last hash elsewhere.
 * @throws Error with a message for people where the file cannot be read
 */
export async function verifyAudit(path: string, now: number): Promise<ChainState> {
  const check = createChainCheck();
  if (existsSync(path)) {
    const db = opened(path);
    try {
      await follow(db, path, check);
    } finally {
      db.close();
    }
  } else check.end(readHead(path), () => null);
  return { upTo: check.upTo, hash: check.hash, checkedAt: now, problems: [...check.problems] };
}

function opened(path: string): DatabaseSync {
  try {
    return openReadable(path);
  } catch (error) {
    throw explain(error, path);
  }
}
