/**
 * `npm run token -- create | list | revoke`: API tokens. A token is shown once, when it is made. A running Trellis takes changes
 * up with the next request; each is in the audit.
 */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROLES, type Role, SCOPES } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { openTokens, type TokenFacts, type Tokens } from '#server/auth/tokens.ts';
import { ConfigError, configPath, loadConfig } from '#server/config/load.ts';

const USAGE = `Usage: npm run -s token -- create --name NAME [--role ${ROLES.join('|')}] [--scope ACTION]… [--days 90] [--reason WHY]
       npm run -s token -- list
       npm run -s token -- revoke NAME|ID [--reason WHY]
Each takes --config trellis.yaml, or --data DIR (its dataDir). --role is viewer unless given. Without --scope a token may do whatever its role may. Scopes:
  ${SCOPES.join(' ')}`;
const DAYS = { default: 90, max: 3_650 } as const;
const NAME = /^[\w.@-]{1,60}$/;

/** Something that a person can mend; shown without a stack. */
class TokenError extends Error {}

type Tools = { tokens: Tokens; audit: Audit; by: string };
type Options = ReturnType<typeof options>;

async function main(): Promise<void> {
  const given = options();
  // With --data the secrets of the configuration need not be at hand.
  const dataDir = given.values.data ?? loadConfig(configPath(given.values.config)).dataDir;
  const clock = () => Date.now();
  const tokens = openTokens(join(dataDir, 'tokens.json'), clock);
  if (given.command === 'list') return list(tokens);
  const audit = sqliteAudit(join(dataDir, 'audit.db'), clock, { isGuest: true });
  try {
    const tools = { tokens, audit, by: `shell:${userInfo().username}` };
    await (given.command === 'create' ? create(tools, given) : revoke(tools, given));
  } finally {
    await audit.close();
  }
}

async function create({ tokens, audit, by }: Tools, { values }: Options): Promise<void> {
  const { name = '', role = 'viewer', scope = [], days = String(DAYS.default), reason } = values;
  if (!NAME.test(name)) throw new TokenError('--name: give it a name of 1 to 60 letters, digits, . _ @ -');
  if (!isRole(role)) throw new TokenError(`--role: one of ${ROLES.join(', ')}`);
  const unknown = scope.filter((one) => !SCOPES.includes(one));
  if (unknown.length > 0)
    throw new TokenError(`--scope: ${unknown.join(', ')} is none. There are: ${SCOPES.join(' ')}`);
  const lastsDays = Number(days);
  if (!Number.isInteger(lastsDays) || lastsDays < 1 || lastsDays > DAYS.max)
    throw new TokenError(`--days: a whole number from 1 to ${DAYS.max}`);
  const wish = { name, role, scopes: scope.length === 0 ? null : scope, days: lastsDays, by };
  const note = { by, target: `token:${name}`, reason: reason ?? 'made on the command line' };
  const { token, facts } = await audited(audit, note, { create: wish }, async () => tokens.create(wish));
  process.stdout.write(`${token}\n`);
  process.stderr.write(
    `${lineOf(facts, Date.now())}\nIt is shown this once. Send it as: Authorization: Bearer ${token.slice(0, 14)}…\n`,
  );
}

async function revoke({ tokens, audit, by }: Tools, { values, subject }: Options): Promise<void> {
  if (subject === undefined) throw new TokenError(USAGE);
  const note = { by, target: `token:${subject}`, reason: values.reason ?? 'revoked on the command line' };
  const facts = await audited(audit, note, { revoke: subject }, async () => {
    const revoked = tokens.revoke(subject);
    if (revoked === null)
      throw new TokenError(`there is no token ${subject} that works. See: npm run -s token -- list`);
    return revoked;
  });
  process.stdout.write(`${lineOf(facts, Date.now())}\n`);
}

/** The same two entries that a write over HTTP has. */
async function audited<T extends object>(
  audit: Audit,
  { by, target, reason }: { by: string; target: string; reason: string },
  details: unknown,
  work: () => Promise<T>,
): Promise<T> {
  const note = { request: randomUUID(), actor: by, role: 'admin', action: 'token.manage', target, reason };
  await audit.append({ ...note, phase: 'before', details, outcome: null });
  try {
    const result = await work();
    await audit.append({ ...note, phase: 'after', details: {}, outcome: 'done' });
    return result;
  } catch (error) {
    const { message } = error as Error;
    await audit.append({ ...note, phase: 'after', details: { message }, outcome: 'failed' });
    throw new TokenError(message);
  }
}

function list(tokens: Tokens): void {
  const known = tokens.list();
  if (known.length === 0) process.stdout.write('There are no tokens.\n');
  for (const facts of known) process.stdout.write(`${lineOf(facts, Date.now())}\n`);
}

function lineOf(
  { id, name, role, scopes, expiresAt, revokedAt, lastUsedAt, createdBy }: TokenFacts,
  now: number,
): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const until =
    revokedAt !== null ? `revoked ${day(revokedAt)}` : `${now < expiresAt ? 'until' : 'expired'} ${day(expiresAt)}`;
  const used = lastUsedAt === null ? 'never used' : `last used ${new Date(lastUsedAt).toISOString().slice(0, 13)}h`;
  const may = scopes === null ? role : `${role}: ${scopes.join(' ')}`;
  return [id, name, may, until, used, `by ${createdBy}`].join('  ');
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{
        config: { type: 'string' },
        data: { type: 'string' },
        name: { type: 'string' },
        role: { type: 'string' },
        days: { type: 'string' },
      },
      ...{ scope: { type: 'string', multiple: true }, reason: { type: 'string' } },
    },
  });
  const [command, subject, ...more] = positionals;
  const isKnown = command === 'create' || command === 'list' || command === 'revoke';
  if (!isKnown || more.length > 0 || (subject !== undefined && command !== 'revoke')) throw new TokenError(USAGE);
  return { command, subject, values };
}

try {
  await main();
} catch (error) {
  const { code = '', message, stack } = error as NodeJS.ErrnoException;
  const isKnown = error instanceof TokenError || error instanceof ConfigError || code === 'AUDIT_UNAVAILABLE';
  const isUsage = code.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isUsage ? `${message}\n${USAGE}` : isKnown ? message : (stack ?? String(error))}\n`);
  process.exitCode = 1;
}
