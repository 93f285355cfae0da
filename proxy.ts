/** Gives each page a Content-Security-Policy with a nonce of its own; nothing else. */
import { type NextRequest, NextResponse } from 'next/server';

/** Put in by next.config.js. */
declare const IS_DEVELOPMENT: boolean | undefined;

const NONCE_BYTES = 16;
const HEADER = 'content-security-policy';

export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(NONCE_BYTES))));
  const policy = policyOf(nonce);
  const headers = new Headers(request.headers);
  // Next puts the nonce that it finds here on its own scripts.
  headers.set(HEADER, policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(HEADER, policy);
  return response;
}

/** Pages only: bodies of API requests must not be buffered here, and their policy needs no nonce (next.config.js). */
export const config = {
  matcher: [
    {
      source: '/((?!api/|flower/|metrics$|_next/static|_next/image|icon.svg).*)',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'purpose', value: 'prefetch' },
      ],
    },
  ],
};

function policyOf(nonce: string): string {
  // React tells where a server error began by eval, in development only.
  const isDevelopment = typeof IS_DEVELOPMENT === 'boolean' && IS_DEVELOPMENT;
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Charts and rows in a scrolled table are placed by style attributes, which no nonce can allow.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
