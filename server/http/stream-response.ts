/** One browser's stream as an HTTP response. */
import type { Hub } from '#server/stream/hub.ts';

/** Bytes that may wait for one client before it counts as slow. */
const HIGH_WATER_BYTES = 256 * 1024;

/** A response that carries the hub's events until the client leaves or the hub closes. */
export function streamResponse(hub: Hub, request: Request): Response {
  const encoder = new TextEncoder();
  let client: ReturnType<Hub['join']> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const sink = {
          write(text: string): boolean {
            controller.enqueue(encoder.encode(text));
            return (controller.desiredSize ?? 0) > 0;
          },
          close(): void {
            controller.close();
          },
        };
        client = hub.join(sink, request.headers.get('last-event-id'));
        request.signal.addEventListener('abort', () => client?.leave(), { once: true });
      },
      pull: () => client?.drained(),
      cancel: () => client?.leave(),
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Without no-transform Next compresses the stream.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
