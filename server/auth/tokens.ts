/**
 * API tokens: `trls_<id>_<secret>`, shown once when they are made. What is kept is their SHA-256, which is enough for 32 random
 * bytes. When a token was last used is kept apart, so that a running Trellis never writes over what the command line revoked.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Identity, Role } from '#lib/permissions.ts';
import { changeTokens, readTokens, replaceFile, type StoredToken, tokenFileVersion } from './token-file.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET_BYTES = 32;
/** Letters of an id, without those that look alike. */
const ID_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const ID_LENGTH = 8;
const TOKEN = /^trls_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;

/** A token as people may see it. Times are epoch ms. */
export type TokenFacts = Omit<StoredToken, 'sha256'> & {
  /** To the hour; null = not yet. */
  lastUsedAt: number | null;
};

/** Why a token opens nothing, as stable codes. */
export const TOKEN_FAULTS = ['TOKEN_UNKNOWN', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKENS_UNREADABLE'] as const;
export type TokenFault = (typeof TOKEN_FAULTS)[number];

export type TokenWish = { name: string; role: Role; scopes: readonly string[] | null; days: number; by: string };

export type Tokens = {
  /** Whose token it is, or why it is nobody's. */
  identify(token: string): Identity | TokenFault;
  /** Newest last, revoked and expired ones too. @throws Error with a message for people */
  list(): readonly TokenFacts[];
  /** `token` is told here and never again. @throws Error with a message for people */
  create(wish: TokenWish): { token: string; facts: TokenFacts };
  /** By id or name; null = there is no such token that works. @throws Error with a message for people */
  revoke(idOrName: string): TokenFacts | null;
};

/** The tokens in the file `path` (a `tokens.json`); `clock` gives epoch ms. Nothing is read before the first call. */
export function openTokens(path: string, clock: () => number): Tokens {
  const usedPath = path.replace(/\.json$/, '-used.json');
  let version = '';
  let tokens: readonly StoredToken[] = [];
  let used: Map<string, number> | null = null;

  function current(): readonly StoredToken[] {
    const found = tokenFileVersion(path);
    if (found !== version) {
      tokens = readTokens(path);
      version = found;
    }
    return tokens;
  }

  function noteUse(id: string, now: number): void {
    used ??= readUsed(usedPath);
    if (now - (used.get(id) ?? 0) < HOUR_MS) return;
    used.set(id, Math.floor(now / HOUR_MS) * HOUR_MS);
    try {
      replaceFile(usedPath, `${JSON.stringify(Object.fromEntries(used))}\n`);
    } catch {
      // When it was used is a courtesy; a full disk must not keep its owner out.
    }
  }

  const factsOf = ({ sha256: _, ...token }: StoredToken): TokenFacts => ({
    ...token,
    lastUsedAt: readUsed(usedPath).get(token.id) ?? null,
  });

  return {
    identify(text) {
      let known: readonly StoredToken[];
      try {
        known = current();
      } catch {
        return 'TOKENS_UNREADABLE';
      }
      const id = TOKEN.exec(text)?.[1];
      const token = known.find((one) => one.id === id);
      if (token === undefined || !isSameHash(sha256(text), token.sha256)) return 'TOKEN_UNKNOWN';
      const now = clock();
      if (token.revokedAt !== null) return 'TOKEN_REVOKED';
      if (now >= token.expiresAt) return 'TOKEN_EXPIRED';
      noteUse(token.id, now);
      return { name: `token:${token.name}`, role: token.role, scopes: token.scopes };
    },
    list: () => current().map(factsOf),
    create({ name, role, scopes, days, by }) {
      const now = clock();
      const id = newId();
      const token = `trls_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const times = { createdAt: now, createdBy: by, expiresAt: now + days * DAY_MS, revokedAt: null };
      const made = { id, name, sha256: sha256(token), role, scopes: scopes === null ? null : [...scopes], ...times };
      changeTokens(path, now, (known) => {
        if (known.some((one) => one.name === name && works(one, now)))
          throw new Error(`there is a token named ${name} already: revoke it first, or take another name`);
        return [...known, made];
      });
      return { token, facts: factsOf(made) };
    },
    revoke(idOrName) {
      const now = clock();
      let revoked: StoredToken | null = null;
      changeTokens(path, now, (known) =>
        known.map((one) => {
          if ((one.id !== idOrName && one.name !== idOrName) || !works(one, now)) return one;
          revoked = { ...one, revokedAt: now };
          return revoked;
        }),
      );
      return revoked === null ? null : factsOf(revoked);
    },
  };
}

function works({ revokedAt, expiresAt }: StoredToken, now: number): boolean {
  return revokedAt === null && now < expiresAt;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function newId(): string {
  // A little uneven, which an id may be: it is no secret.
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('');
}

function readUsed(path: string): Map<string, number> {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const isTime = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === 'number';
    return new Map(Object.entries(read ?? {}).filter(isTime));
  } catch {
    return new Map();
  }
}
