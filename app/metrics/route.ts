import { metricsResponse } from '#server/http/metrics-response.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The estate and its tasks for Prometheus, in Flower's, celery-exporter's and Trellis's own names. */
export function GET(): Promise<Response> {
  return metricsResponse(runtime());
}
