/** A Trellis one of whose sources can fall silent while what it tells of goes on. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ADDRESSES, PORTS, rabbitNode } from '#lab/layout.ts';
import type { BenchContext } from './bench.ts';
import { runDrillTrellis } from './drill-trellis.ts';
import { SILENCED_HOST } from './drills-planted-table.ts';
import type { Trellis } from './session.ts';

/** A TCP proxy that passes everything on, until it is told to fall silent. */
export type QuietProxy = {
  readonly port: number;
  /** Takes connections and questions as before, and passes nothing on, either way. */
  readonly hush: () => void;
  /** Passes on again; who was kept waiting has to connect anew. */
  readonly speak: () => void;
  readonly close: () => Promise<void>;
};

/** Listens on `address`, on a port of its own, in front of `port` of the same address. @throws Error when it cannot listen */
export async function openQuietProxy(address: string, port: number): Promise<QuietProxy> {
  const sockets = new Set<Socket>();
  let isQuiet = false;
  const server = createServer((inner) => {
    const outer = connect(port, address);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!isQuiet) to.write(chunk);
      });
      from.on('error', () => undefined); // its close says it
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon(); // after its last words
      });
    }
  });
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    hush: () => {
      isQuiet = true;
    },
    speak: () => {
      if (isQuiet) cutAll();
      isQuiet = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
      }),
  };
}

/**
 * As `runDrillTrellis`, but that Trellis reaches the management API of `SILENCED_HOST` through a proxy. It listens on that host's
 * address, so that Trellis finds the node's host as before.
 */
export async function runWithQuietSource(
  context: BenchContext,
): Promise<{ readonly trellis: Trellis; readonly source: QuietProxy }> {
  const address = ADDRESSES[SILENCED_HOST];
  const source = await openQuietProxy(address, PORTS.management);
  context.atEnd('proxy closed', source.close);
  const trellis = await runDrillTrellis(context, (yaml) => {
    yaml.rabbitmq.nodes[rabbitNode(SILENCED_HOST)] = {
      ...yaml.rabbitmq.nodes[rabbitNode(SILENCED_HOST)],
      management: `http://${address}:${source.port}`,
    };
  });
  return { trellis, source };
}
