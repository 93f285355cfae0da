/**
 * `npm run history -- stats|vacuum|export`: looks into the stored tasks without a running Trellis, or beside it. The
 * export goes to standard output, its progress to standard error.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '#lib/contract/task-requests.ts';
import { TASK_SORTS, taskFilterSchema } from '#lib/contract/tasks.ts';
import { exportHead, exportRows, exportTail } from '#lib/format/task-export.ts';
import { ConfigError, configPath, loadConfig } from '#server/config/load.ts';
import { taskPages } from '#server/history/tasks/export.ts';
import { openTaskReader } from '#server/history/tasks/sqlite/reader.ts';
import { vacuumTasks } from '#server/history/tasks/sqlite/vacuum.ts';

const USAGE = `npm run history -- <command> [options]

  stats     how many tasks are stored, since when, and how large they are
  vacuum    give the disk back what deleted tasks left free (events wait meanwhile)
  export    write tasks to standard output

  --config <file>      another configuration than trellis.yaml
  --format csv|json    of an export (csv)
  --sort <order>       ${TASK_SORTS.join(', ')} (newest)
  --filter <key=value> as in the address of the tasks page; may be repeated:
                       q, state, name, worker, queue, exception, root, from, to (epoch ms), canaries=1
`;
const LISTS: readonly string[] = ['state', 'name', 'worker', 'queue', 'exception'];
const PROGRESS_MS = 1_000;

/** Something that the caller can mend: told without a stack. */
class UsageError extends Error {}

const exportSchema = taskFilterSchema.extend({
  sort: z.enum(TASK_SORTS).default('newest'),
  format: z.enum(EXPORT_FORMATS).default('csv'),
});

async function stats(path: string): Promise<void> {
  const reader = openTaskReader(path);
  const { tasks, bytes, freeBytes, oldestAt, newestAt } = await reader.stats();
  await reader.close();
  const time = (at: number | null) => (at === null ? '-' : new Date(at).toISOString());
  print(`${path}\n  tasks   ${tasks}\n  oldest  ${time(oldestAt)}\n  newest  ${time(newestAt)}`);
  print(`  size    ${megabytes(bytes)}, of it free ${megabytes(freeBytes)}`);
}

function vacuum(path: string): void {
  const { beforeBytes, afterBytes } = vacuumTasks(path);
  print(`${path}: ${megabytes(beforeBytes)} before, ${megabytes(afterBytes)} now`);
}

async function exportTasks(path: string, wanted: Record<string, unknown>): Promise<void> {
  const parsed = exportSchema.safeParse(wanted);
  if (!parsed.success)
    throw new UsageError(
      parsed.error.issues.map(({ path: key, message }) => `${[...key.map(String), message].join(': ')}`).join('\n'),
    );
  const { format, ...filter } = Object.fromEntries(
    Object.entries(parsed.data).filter(([, value]) => value !== undefined),
  ) as typeof parsed.data & { format: ExportFormat };
  const reader = openTaskReader(path);
  const now = Date.now();
  const { sort: _, ...counted } = filter;
  const { total, exact } = await reader.counts(counted, now);
  await write(exportHead(format));
  let done = 0;
  let toldAt = 0;
  const tell = () => process.stderr.write(`${done} of ${exact ? '' : 'more than '}${total} tasks\n`);
  for await (const tasks of taskPages(reader, filter, now)) {
    await write(exportRows(format, tasks, done === 0));
    done += tasks.length;
    if (Date.now() - toldAt < PROGRESS_MS) continue;
    toldAt = Date.now();
    tell();
  }
  await write(exportTail(format));
  tell();
  await reader.close();
}

/** Waits for a slow reader of the pipe, so that memory stays small. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

function filterOf(pairs: readonly string[]): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  for (const pair of pairs) {
    const end = pair.indexOf('=');
    if (end < 0) throw new UsageError(`--filter ${pair}: write key=value, as in --filter state=FAILURE`);
    const [key, value] = [pair.slice(0, end), pair.slice(end + 1)];
    filter[key] = LISTS.includes(key) ? [...((filter[key] as string[] | undefined) ?? []), value] : value;
  }
  return filter;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ config: { type: 'string' }, format: { type: 'string' }, sort: { type: 'string' } },
      ...{ filter: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
    },
  });
  const [command] = positionals;
  if (values.help) return print(USAGE);
  if (command === undefined || !['stats', 'vacuum', 'export'].includes(command)) throw new UsageError(USAGE);
  const path = join(loadConfig(configPath(values.config)).dataDir, 'tasks.db');
  if (!existsSync(path)) throw new UsageError(`${path}: no tasks are stored yet`);
  if (command === 'stats') await stats(path);
  else if (command === 'vacuum') vacuum(path);
  else
    await exportTasks(path, {
      ...filterOf(values.filter ?? []),
      ...optional({ format: values.format, sort: values.sort }),
    });
}

function optional(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

// Whoever reads the export may have seen enough.
process.stdout.on('error', () => process.exit(0));
try {
  await main();
} catch (error) {
  const { code, message, stack } = error as Error & { code?: string };
  const isForPeople =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    code === 'SEARCH_INVALID' ||
    code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isForPeople || message.includes('tasks.db') ? message : stack}\n`);
  process.exitCode = 1;
}
