/** Reads the lab's log files. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TAIL_BYTES = 64_000;

/** The last lines of a log; none when there is no log. */
export function tail(file: string, lines: number): readonly string[] {
  const { text } = readFrom(file, -TAIL_BYTES);
  return text.trimEnd().split('\n').filter(Boolean).slice(-lines);
}

/** Calls back with every new line of some logs, until the process ends. */
export async function follow(files: readonly string[], onLine: (file: string, line: string) => void): Promise<never> {
  const offsets = new Map(files.map((file) => [file, readFrom(file, 0).end]));
  for (;;) {
    for (const file of files) {
      const { text, end } = readFrom(file, offsets.get(file) ?? 0);
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      offsets.set(file, end - Buffer.byteLength(text.slice(complete.length)));
      for (const line of complete.split('\n').filter(Boolean)) onLine(file, line);
    }
    await sleep(250);
  }
}

/** What stands in a file from `offset` on (from its end where negative); a file that was cut is read from its start. */
function readFrom(file: string, offset: number): { text: string; end: number } {
  if (!existsSync(file)) return { text: '', end: 0 };
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = offset < 0 ? Math.max(0, size + offset) : offset > size ? 0 : offset;
    const buffer = Buffer.alloc(size - start);
    const read = readSync(fd, buffer, 0, buffer.length, start);
    return { text: buffer.toString('utf8', 0, read), end: start + read };
  } finally {
    closeSync(fd);
  }
}
