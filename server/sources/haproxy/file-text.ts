/** A file of this machine as text, with every refusal named. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ProbeCode } from '#lib/model/reading.ts';
import { ProbeError } from '#server/sources/source.ts';

export const FILE_LIMIT_BYTES = 4 * 1024 * 1024;

const CODES: Readonly<Record<string, readonly [ProbeCode, string]>> = {
  ENOENT: ['not-found', 'there is no such file on this machine'],
  ENOTDIR: ['not-found', 'there is no such file on this machine'],
  EACCES: ['forbidden', "Trellis's user may not read it"],
  EPERM: ['forbidden', "Trellis's user may not read it"],
};

/** The text of the file. @throws ProbeError, or the signal's reason */
export async function readFileText(path: string, signal: AbortSignal): Promise<string> {
  let file: FileHandle | undefined;
  try {
    // Opening a named pipe would wait for its writer, and no signal ends that.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) throw new ProbeError('not-found', `${path} is no file`);
    if (stat.size > FILE_LIMIT_BYTES) throw new ProbeError('too-large', `${path}: more than ${FILE_LIMIT_BYTES} bytes`);
    return await file.readFile({ encoding: 'utf8', signal });
  } catch (error) {
    throw fileProblem(error, path);
  } finally {
    await file?.close();
  }
}

/** What the system's refusal of a file means; any other error as it is. */
export function fileProblem(error: unknown, path: string): unknown {
  const [code, why] = CODES[(error as NodeJS.ErrnoException).code ?? ''] ?? [];
  return code === undefined ? error : new ProbeError(code, `${path}: ${why}`);
}
