/** A Trellis that reaches every management API through counting proxies. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { BenchContext } from './bench.ts';
import { httpProxy, lineProxy, type Proxy, Tally } from './counting-proxy.ts';
import { runTrellis, type Trellis } from './session.ts';
import type { TrellisYaml } from './trellis-config.ts';

/** The clusters whose requests are counted, by the name of their source. */
export const COUNTED = ['rabbitmq', 'haproxy', 'consul'] as const;
/** One of them. */
export type Counted = (typeof COUNTED)[number];

/** Trellis, and what it asks of whom. */
export type Proxied = { readonly trellis: Trellis; readonly tallies: Readonly<Record<Counted, Tally>> };

/**
 * Starts Trellis behind proxies. Each listens on the address of the server that it stands for, so that Trellis finds every
 * role's host as before.
 */
export async function runProxied(context: BenchContext): Promise<Proxied> {
  const tallies: Record<Counted, Tally> = { rabbitmq: new Tally(), haproxy: new Tally(), consul: new Tally() };
  const proxies: Proxy[] = [];
  context.atEnd('proxies closed', () => Promise.all(proxies.map((proxy) => proxy.close())));
  const http = async (url: string, tally: Tally): Promise<string> => {
    const { hostname, origin } = new URL(url);
    const proxy = await httpProxy(hostname, origin, tally);
    proxies.push(proxy);
    return url.replace(origin, `http://${hostname}:${proxy.port}`);
  };
  const line = async (target: string, tally: Tally): Promise<string> => {
    const address = target.slice(0, target.lastIndexOf(':'));
    const proxy = await lineProxy(address, target, tally);
    proxies.push(proxy);
    return `${address}:${proxy.port}`;
  };
  const yaml = parse(readFileSync(context.lab.paths.trellisYaml, 'utf8')) as TrellisYaml;
  for (const node of Object.values(yaml.rabbitmq.nodes))
    node.management = await http(node.management, tallies.rabbitmq);
  for (const proxy of yaml.haproxy) {
    if (proxy.stats !== undefined) proxy.stats = await http(proxy.stats, tallies.haproxy);
    if (proxy.socket !== undefined) proxy.socket = await line(proxy.socket, tallies.haproxy);
  }
  yaml.consul.agents = await Promise.all(yaml.consul.agents.map((agent) => http(agent, tallies.consul)));
  const trellis = await runTrellis(context, (own) => {
    own.rabbitmq = yaml.rabbitmq;
    own.haproxy = yaml.haproxy;
    own.consul = yaml.consul;
  });
  return { trellis, tallies };
}
