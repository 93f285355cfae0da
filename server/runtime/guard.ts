/** What guards every write: the audit, the tokens, and what the configuration takes away. */
import { join } from 'node:path';
import { ACTING_SYSTEMS, type Locks } from '#lib/permissions.ts';
import type { Audit } from '#server/audit/audit.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { openTokens, type Tokens } from '#server/auth/tokens.ts';
import type { Config } from '#server/config/schema.ts';

export type Guard = { audit: Audit; tokens: Tokens; locks: Locks; allowedHosts: readonly string[] };

export type GuardConfig = Pick<Config, 'dataDir' | 'readOnly' | 'disabled' | 'allowedHosts' | 'acting'>;

/** Opens what guards writes, and closes in the audit what an earlier process left open; `clock` gives epoch ms. */
export function startGuard(config: GuardConfig, clock: () => number, onProblem: (error: Error) => void): Guard {
  const { dataDir, readOnly, disabled, allowedHosts } = config;
  const audit = sqliteAudit(join(dataDir, 'audit.db'), clock);
  audit.recover().catch(onProblem);
  return {
    audit,
    tokens: openTokens(join(dataDir, 'tokens.json'), clock),
    locks: { readOnly, disabled, acting: ACTING_SYSTEMS.filter((system) => config.acting?.[system] !== undefined) },
    allowedHosts: allowedHosts.map((name) => name.toLowerCase()),
  };
}
