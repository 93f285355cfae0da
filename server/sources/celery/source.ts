/** Celery as a source: what its own events tell, passed on from the intake, which the ingest thread does. */
import { CONFIGS_INTERVAL_MS, type ConfigWatch } from '#server/ingest/config-watch.ts';
import type { Ingest } from '#server/ingest/ingest.ts';
import type { IngestReport } from '#server/ingest/report.ts';
import { createRequestLog } from '#server/sources/request-log.ts';
import { type Endpoint, ProbeError, type PushReport, type Source } from '#server/sources/source.ts';
import { CONFIGS } from './configs.ts';
import { HEARTBEATS, INTAKE, REPORT_INTERVAL_MS } from './payloads.ts';
import { celeryReduce } from './reduce.ts';

/**
 * Passes on what the intake reports. It asks nothing, so it needs no budget. `configs` = who asks workers for their set-up;
 * null = nobody does.
 */
export function celerySource(
  ingest: Pick<Ingest, 'listen'>,
  queue: string,
  clock: () => number,
  configs: Pick<ConfigWatch, 'listen'> | null = null,
): Source {
  return {
    kind: 'celery',
    budget: { atRest: 1, inBurst: 1 },
    requests: createRequestLog(clock),
    endpoints: [celeryEndpoint(ingest, queue, configs)],
    reduce: celeryReduce,
  };
}

function celeryEndpoint(
  ingest: Pick<Ingest, 'listen'>,
  queue: string,
  configs: Pick<ConfigWatch, 'listen'> | null,
): Endpoint {
  let unlisten = () => {};
  let unlistenConfigs = () => {};
  return {
    id: queue,
    probes: [],
    subscribe(report, signal) {
      if (signal.aborted) return;
      const failed = (name: string, error: ProbeError) => {
        report.tell({ name, intervalMs: REPORT_INTERVAL_MS }, { error });
      };
      unlistenConfigs =
        configs?.listen((data) => report.tell({ name: CONFIGS, intervalMs: CONFIGS_INTERVAL_MS }, { data })) ??
        unlistenConfigs;
      unlisten = ingest.listen({
        onReport: (told) => passOn(told, report, failed),
        onFailure(message) {
          const error = new ProbeError('internal', message);
          failed(INTAKE, error);
          failed(HEARTBEATS, error);
        },
      });
    },
    close() {
      unlisten();
      unlistenConfigs();
    },
  };
}

function passOn(
  { ingest, workers }: IngestReport,
  report: PushReport,
  failed: (name: string, error: ProbeError) => void,
): void {
  const about = ingest.via === null ? {} : { via: ingest.via };
  report.tell({ name: INTAKE, intervalMs: REPORT_INTERVAL_MS }, { data: ingest, ...about });
  // An intake that hears nobody says nothing about workers: their last word stays, with its age.
  if (ingest.state === 'consuming') {
    report.tell({ name: HEARTBEATS, intervalMs: REPORT_INTERVAL_MS }, { data: workers, ...about });
  } else if (ingest.state !== 'connecting') {
    failed(HEARTBEATS, new ProbeError('unreachable', ingest.problem ?? 'no events come in'));
  }
}
