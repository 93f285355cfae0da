/** Reads every HAProxy by its stats page or, where there is none, its runtime socket. */
import { getText } from '#server/sources/http-json.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import type { Endpoint, Probe } from '#server/sources/source.ts';
import { type ProxyConfig, proxyId } from './config.ts';
import { configFilePayload } from './config-file.ts';
import { readFileText } from './file-text.ts';
import { infoPayload, statsPayload } from './payloads.ts';
import { askSocket } from './runtime-socket.ts';

const INTERVAL_MS = 1_000;
const INFO_INTERVAL_MS = 10_000;
const FILE_INTERVAL_MS = 60_000;
const TIMEOUT_MS = 2_000;

/** One endpoint for each configured proxy. */
export function haproxyEndpoints(configs: readonly ProxyConfig[], requests: RequestLog): Endpoint[] {
  return configs.map((config) => ({
    id: proxyId(config),
    probes: [
      {
        name: 'stats',
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        bursts: true,
        ask: async (signal) => {
          requests.sent(proxyId(config));
          const data = statsPayload(await readCsv(config, signal));
          return config.socket === undefined ? { data, lacks: WITHOUT_SOCKET } : { data };
        },
      },
      ...(config.socket === undefined ? [] : [infoProbe(proxyId(config), config.socket, requests)]),
      ...(config.config === undefined ? [] : [fileProbe(config.config)]),
    ],
    close() {},
  }));
}

/** What the stats page does not tell. */
const WITHOUT_SOCKET = "version, limits and servers' addresses: give the proxy's runtime socket as socket:";

function infoProbe(id: string, socket: string, requests: RequestLog): Probe {
  return {
    name: 'info',
    intervalMs: INFO_INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    ask: async (signal) => {
      requests.sent(id);
      return { data: infoPayload(await askSocket(socket, 'show info', signal)) };
    },
  };
}

/** No request to the proxy: the file is read where it lies. */
function fileProbe(path: string): Probe {
  return {
    ...{ name: 'config', intervalMs: FILE_INTERVAL_MS, timeoutMs: TIMEOUT_MS, cost: 0 },
    ask: async (signal) => ({ data: configFilePayload(await readFileText(path, signal)) }),
  };
}

function readCsv(config: ProxyConfig, signal: AbortSignal): Promise<string> {
  // The socket tells the servers' addresses; the stats page only with `stats show-legends`.
  if (config.socket !== undefined) return askSocket(config.socket, 'show stat', signal);
  const { user, password } = config;
  const headers =
    user === undefined
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${user}:${(password as string | undefined) ?? ''}`).toString('base64')}`,
        };
  return getText(config.stats as string, { headers, signal });
}
