// @ts-check

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
};

export default config;
