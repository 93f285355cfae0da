// @ts-check

/** What every answer carries; the policy of pages, with its nonce, is made in proxy.ts. */
const HEADERS = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'referrer-policy', value: 'same-origin' },
  { key: 'permissions-policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
  { key: 'cross-origin-opener-policy', value: 'same-origin' },
  { key: 'cross-origin-resource-policy', value: 'same-origin' },
];
/** Of answers that are no page: shown in a browser they run and load nothing. */
const DATA_POLICY = { key: 'content-security-policy', value: "default-src 'none'; frame-ancestors 'none'" };

/** @type {import('next').NextConfig} */
const config = {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: true,
  // `npm run check` types the whole project; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
  agentRules: false,
  experimental: { agentUpgrade: false },
  serverExternalPackages: ['amqplib', 'ioredis', 'consul', 'pino', 'yaml'],
  compiler: { defineServer: { IS_DEVELOPMENT: process.env.NODE_ENV === 'development' } },
  headers: async () => [
    { source: '/:path*', headers: HEADERS },
    ...['/api/:path*', '/flower/:path*', '/metrics'].map((source) => ({ source, headers: [DATA_POLICY] })),
  ],
};

export default config;
