/** The HTTP servers of this process: Next keeps its own to itself, but whoever asks it tells. */
import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';

export type HttpServers = {
  /** None of them takes connections any more. */
  close(): void;
};

/** Knows a server from its first request on; one that nobody asked is closed by the first request after `close`. */
export function watchHttpServers(): HttpServers {
  const servers = new Set<Server>();
  let isClosed = false;
  subscribe('http.server.request.start', (message) => {
    const { server } = message as { server: Server };
    servers.add(server);
    if (isClosed) server.close();
  });
  return {
    close() {
      isClosed = true;
      for (const server of servers) server.close();
    },
  };
}
