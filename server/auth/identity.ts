/** Who asks: this machine's own user, or the bearer of a token. */
import { isIP } from 'node:net';
import type { Identity } from '#lib/permissions.ts';
import type { TokenFault, Tokens } from './tokens.ts';

/** Everybody who reaches a listener that only this machine can reach. */
const LOCAL: Identity = { name: 'local', role: 'admin', scopes: null };

export type Door = {
  tokens: Tokens;
  /** Names by which a proxy on this machine hands requests on; loopback names always count. */
  allowedHosts: readonly string[];
};

export const IDENTITY_FAULTS = ['LOGIN_UNKNOWN', 'HOST_UNKNOWN'] as const;
export type IdentityFault = TokenFault | (typeof IDENTITY_FAULTS)[number];

/** `byToken` = it was not a browser that sent its credentials by itself. */
export type Identified =
  | { identity: Identity; byToken: boolean }
  | { fault: IdentityFault; status: 401 | 403; detail: string };

/** Who sent a request. Trellis listens on loopback addresses only, so who brings nothing is `local`. */
export function identityOf(request: Request, { tokens, allowedHosts }: Door): Identified {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) return bearer(authorization, tokens);
  const host = request.headers.get('host');
  if (host === null || isLoopbackName(hostnameOf(host)) || allowedHosts.includes(hostnameOf(host)))
    return { identity: LOCAL, byToken: false };
  return {
    fault: 'HOST_UNKNOWN',
    status: 403,
    // A page elsewhere can let its own name point to 127.0.0.1; to the browser it is then the same site.
    detail: `Trellis does not go by the name ${hostnameOf(host)}. If a proxy in front of it does, add the name to allowedHosts: in trellis.yaml.`,
  };
}

/** The identity of a token as it stands alone, or why it is none. */
export function identifyToken(token: string, tokens: Tokens): Identified {
  const found = tokens.identify(token);
  if (typeof found !== 'string') return { identity: found, byToken: true };
  return { fault: found, status: 401, detail: DETAILS[found] };
}

const DETAILS: Readonly<Record<TokenFault, string>> = {
  TOKEN_UNKNOWN: 'This token is not known here. Make one with: npm run token -- create',
  TOKEN_EXPIRED: 'This token has expired. Make another with: npm run token -- create',
  TOKEN_REVOKED: 'This token was revoked.',
  TOKENS_UNREADABLE: 'The file of tokens cannot be read, so nobody can use one. Try: npm run token -- list',
};

function bearer(authorization: string, tokens: Tokens): Identified {
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token !== undefined) return identifyToken(token, tokens);
  const detail = 'Send Authorization: Bearer trls_…, or none. A proxy that logs people in must not hand its own on.';
  return { fault: 'LOGIN_UNKNOWN', status: 401, detail };
}

function hostnameOf(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.toLowerCase() : host;
}

function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    (isIP(name) === 4 && name.startsWith('127.'))
  );
}
