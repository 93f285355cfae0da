/** Loads and validates trellis.yaml. Every error names the key and says what to write instead. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { brokerAddress } from '#server/amqp/addresses.ts';
import { actingProblems } from './acting.ts';
import { type Config, configSchema } from './schema.ts';
import { isSecretReference, resolveSecret } from './secrets.ts';

/** The configuration with every secret reference replaced by its text. */
export type LoadedConfig = Config & { path: string };

/** What is wrong with a configuration, ready to be shown. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The path that a relative or absent `--config` means: the option, then TRELLIS_CONFIG, then ./trellis.yaml. */
export function configPath(option: string | undefined, env: Environment = process.env): string {
  return resolve(/* turbopackIgnore: true */ option ?? env.TRELLIS_CONFIG ?? 'trellis.yaml');
}

/** Reads, validates and resolves. @throws ConfigError with one message that lists every problem */
export function loadConfig(path: string, env: Environment = process.env): LoadedConfig {
  const raw = readYaml(path);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw new ConfigError(describe(path, parsed.error.issues.flatMap(problems)));
  const baseDir = dirname(path);
  const missing: string[] = [];
  const config = withSecrets(parsed.data, [], { env, baseDir, missing }) as Config;
  const wrong = [
    ...[missing, listenProblems(config.listen), hostProblems(config)].flat(),
    ...[celeryProblems(config), actingProblems(config)].flat(),
  ];
  if (wrong.length > 0) throw new ConfigError(describe(path, wrong));
  return { ...config, dataDir: resolve(baseDir, config.dataDir), path };
}

function readYaml(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const hint =
      'Write one (see "Your own estate" in the README), name another with --config, or try the lab: npm run demo';
    throw new ConfigError(
      `Cannot read the configuration ${path}${code === 'ENOENT' ? ': no such file' : ` (${code})`}.\n${hint}`,
    );
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw new ConfigError(`${path} is not valid YAML: ${error.message}`);
  return document.toJS() ?? {};
}

function describe(path: string, wrong: readonly string[]): string {
  return `The configuration ${path} cannot be used:\n${wrong.map((line) => `  ${line}`).join('\n')}`;
}

/** One line for each issue, led by the key as one would write it. */
function problems(issue: z.core.$ZodIssue): string[] {
  const key = keyName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => `${keyName([...issue.path, name])}: unknown key`);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) return [`${key}: missing`];
  return [`${key}: ${issue.message}`];
}

function keyName(path: readonly PropertyKey[]): string {
  let name = '';
  for (const part of path) name += typeof part === 'number' ? `[${part}]` : `${name === '' ? '' : '.'}${String(part)}`;
  return name === '' ? '(top level)' : name;
}

type SecretContext = { env: Environment; baseDir: string; missing: string[] };

function withSecrets(value: unknown, path: readonly PropertyKey[], context: SecretContext): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withSecrets(item, [...path, index], context));
  if (typeof value !== 'object' || value === null) return value;
  if (isSecretReference(value)) {
    const resolved = resolveSecret(value, context.env, context.baseDir);
    if (typeof resolved === 'string') return resolved;
    context.missing.push(`${keyName(path)}: ${resolved.problem}`);
    return '';
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withSecrets(item, [...path, key], context)]),
  );
}

/** `listen` taken apart. */
export function listenAddress(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

function listenProblems(listen: string): string[] {
  const { host, port } = listenAddress(listen);
  if (port < 1 || port > 65_535) return [`listen: ${port} is not a port`];
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (loopback) return [];
  return [
    `listen: ${host} can be reached from other machines, and no login is configured. ` +
      'Listen on 127.0.0.1 and reach it through an SSH tunnel or an authenticating proxy on this machine',
  ];
}

/** Taking events in needs a broker to take them from, and telling workers to send them needs the right to. */
function celeryProblems({ celery, rabbitmq, redis, entrances, acting }: Config): string[] {
  if (celery === undefined) return [];
  if (rabbitmq === undefined) return ['celery: its events come over RabbitMQ: add rabbitmq:'];
  const wrong: string[] = [];
  const reachable = Object.values(rabbitmq.nodes).some(({ amqp }) => amqp !== undefined);
  if (!reachable && entrances === undefined) {
    wrong.push('celery: no AMQP address to take events from: add amqp: to a node of rabbitmq.nodes, or entrances:');
  }
  for (const [i, url] of (entrances?.broker ?? []).entries()) {
    if (brokerAddress(url) === null) wrong.push(`entrances.broker[${i}]: write it as amqp://address:port//`);
  }
  const { service } = celery.results;
  if (service !== undefined && redis?.[service] === undefined) {
    wrong.push(`celery.results.service: ${service} is not under redis:`);
  }
  if (celery.events.enable && acting?.rabbitmq === undefined) {
    wrong.push('celery.events.enable: it sends a command to the workers: add acting.rabbitmq');
  }
  return wrong;
}

function hostProblems(config: Config): string[] {
  const known = new Set(Object.keys(config.hosts));
  const named: [string, string | undefined][] = [
    ...Object.entries(config.rabbitmq?.nodes ?? {}).map(([id, node]): [string, string | undefined] => [
      `rabbitmq.nodes.${id}.host`,
      node.host,
    ]),
    ...(config.haproxy ?? []).map((proxy, i): [string, string | undefined] => [`haproxy[${i}].host`, proxy.host]),
  ];
  return named
    .filter(([, host]) => host !== undefined && !known.has(host))
    .map(([key, host]) => `${key}: ${host} is not under hosts:`);
}
