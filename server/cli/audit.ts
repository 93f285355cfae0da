/**
 * `npm run audit -- verify | export`: checks the audit from its first entry to its last (ends with 1 where something does not
 * fit), or writes it to standard output. It only reads, and may run beside Trellis.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { AUDIT_EXPORT_FORMATS, type AuditExportFormat } from '#lib/format/audit.ts';
import { headPath } from '#server/audit/head.ts';
import { openReader } from '#server/audit/sqlite/reader.ts';
import { verifyAudit } from '#server/audit/verify.ts';
import { ConfigError, configPath, loadConfig } from '#server/config/load.ts';
import { auditPieces } from '#server/http/audit-export.ts';

const USAGE = `Usage: npm run -s audit -- verify [--config trellis.yaml | --data DIR]
       npm run -s audit -- export [--format csv|json] [--config trellis.yaml | --data DIR] > file`;

/** Something that a person can mend; shown without a stack. */
class AuditError extends Error {}

async function main(): Promise<number> {
  const { command, format, path } = options();
  if (command === 'verify') return verify(path);
  if (!existsSync(path)) throw new AuditError(`there is no audit yet: ${path}`);
  const reader = openReader(path);
  const page: Parameters<typeof auditPieces>[0]['page'] = async (query) => ({ now: 0, ...(await reader.page(query)) });
  await pipeline(auditPieces({ page }, format, {}), process.stdout, { end: false });
  await reader.close();
  return 0;
}

async function verify(path: string): Promise<number> {
  const { upTo, hash, problems } = await verifyAudit(path, Date.now());
  for (const { fault, seq, text } of problems) process.stdout.write(`${fault} at ${seq}: ${text}\n`);
  if (problems.length > 0) return 1;
  const empty = existsSync(path) ? 'nothing was written yet' : `there is no audit yet: ${path}`;
  process.stdout.write(upTo === 0 ? `${empty}\n` : `whole: ${upTo} entries, the last hash is ${hash}\n`);
  if (upTo > 0)
    process.stdout.write(`Keep that hash elsewhere: who can write ${headPath(path)} can also make it fit.\n`);
  return 0;
}

function options(): { command: 'verify' | 'export'; format: AuditExportFormat; path: string } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string' }, data: { type: 'string' }, format: { type: 'string', default: 'csv' } },
  });
  const [command] = positionals;
  const format = AUDIT_EXPORT_FORMATS.find((one) => one === values.format);
  if ((command !== 'verify' && command !== 'export') || positionals.length > 1 || format === undefined)
    throw new AuditError(USAGE);
  // With --data the secrets of the configuration need not be at hand.
  const dataDir = values.data ?? loadConfig(configPath(values.config)).dataDir;
  return { command, format, path: join(dataDir, 'audit.db') };
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code = '', message, stack } = error as NodeJS.ErrnoException;
  // Who reads it has seen enough.
  if (code === 'EPIPE') process.exit(0);
  const isKnown = error instanceof AuditError || error instanceof ConfigError;
  const isUsage = code.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isUsage ? `${message}\n${USAGE}` : isKnown ? message : (stack ?? String(error))}\n`);
  process.exitCode = 1;
}
