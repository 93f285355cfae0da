/** What a failure of the file means, and what helps. */

const BUSY = 5;
const READ_ONLY = 8;
const INPUT_OUTPUT = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** An error whose message names the file, the trouble and the remedy. */
export function explain(error: unknown, path: string): Error {
  const { errcode, message } = error as { errcode?: number; message?: string };
  const cause = { cause: error };
  // The low byte is the primary code.
  switch (errcode === undefined ? undefined : errcode & 0xff) {
    case BUSY:
      return new Error(`${path} is locked: another process writes it. Is a second Trellis using this dataDir?`, cause);
    case READ_ONLY:
      return new Error(`${path} cannot be written: the file or its folder is read-only for this user`, cause);
    case INPUT_OUTPUT:
      return new Error(`${path}: the disk failed (${message})`, cause);
    case CORRUPT:
    case NOT_A_DATABASE:
      return new Error(`${path} is damaged (${message}). Move it away; Trellis then starts a new one by itself`, cause);
    case FULL:
      return new Error(`${path} cannot grow: the disk is full`, cause);
    case CANNOT_OPEN:
      return new Error(`${path} cannot be opened: is its folder there, and may this user write in it?`, cause);
    default:
      return new Error(`${path}: ${message ?? String(error)}`, cause);
  }
}
