'use client';
/** The sources page: how well Trellis itself sees, endpoint by endpoint. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { formatAge, formatCount } from '#lib/format/quantity.ts';
import { fixFor, questionOf } from '#lib/format/reading.ts';
import type { Endpoint } from '#lib/model/endpoint.ts';
import { freshnessOf } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { type Reading, SOURCE_KINDS, type SourceKind } from '#lib/model/reading.ts';
import type { Shown } from '#lib/model/status.ts';
import { IntakePanel } from './intake-panel.tsx';
import { type Advice, sharedAdvice } from './shared-advice.ts';

const TITLES: Readonly<Record<SourceKind, string>> = {
  rabbitmq: 'RabbitMQ',
  redis: 'Redis and Sentinel',
  haproxy: 'HAProxy',
  consul: 'Consul',
  celery: 'Celery',
};

/** Every endpoint with every question, its age, its latency and what fails. */
export function SourcesView() {
  return (
    <LivePage title="Sources" about="How well Trellis itself sees: every question that it asks, and what is refused.">
      {(model, now) => <Sources model={model} now={now} />}
    </LivePage>
  );
}

function Sources({ model, now }: { model: Model; now: number }) {
  const readings = Object.values(model.readings);
  if (readings.length === 0) {
    return <Empty>Trellis watches nothing yet. Add rabbitmq:, redis:, haproxy: or consul: to trellis.yaml.</Empty>;
  }
  const failing = readings.filter((reading) => shownReading(reading, now).status !== 'ok');
  return (
    <Panels>
      <p className={`text-[14px] ${failing.length === 0 ? '' : 'text-degraded'}`}>
        {failing.length === 0
          ? `All ${formatCount(readings.length, 'reading')} are answered and fresh.`
          : `${failing.length} of ${formatCount(readings.length, 'reading')} are not answered: Trellis is blind there.`}
      </p>
      {SOURCE_KINDS.map((kind) => (
        <SourceSection key={kind} kind={kind} model={model} readings={readings} now={now} />
      ))}
      {!readings.some(({ source }) => source === 'celery') && (
        <Empty>
          Celery’s events are not taken in, so there is no task history: add celery: {'{}'} to trellis.yaml.
        </Empty>
      )}
    </Panels>
  );
}

type SectionProps = { kind: SourceKind; model: Model; readings: readonly Reading[]; now: number };

function SourceSection({ kind, model, readings, now }: SectionProps) {
  const mine = readings.filter((reading) => reading.source === kind);
  const endpoints = [...new Set(mine.map((reading) => reading.endpoint))].sort(clusterLast);
  if (endpoints.length === 0) return null;
  return (
    <section aria-labelledby={`source-${kind}`}>
      <h2 id={`source-${kind}`} className="mb-1.5 text-[14px] font-semibold">
        {TITLES[kind]}
      </h2>
      <div className="grid items-start gap-2 xl:grid-cols-2">
        {endpoints.map((name) => (
          <EndpointPanel
            key={name}
            name={name}
            endpoint={model.endpoints[`${kind}/${name}`]}
            readings={mine.filter((reading) => reading.endpoint === name)}
            now={now}
          />
        ))}
        {kind === 'celery' &&
          Object.values(model.ingests).map((ingest) => (
            <IntakePanel key={ingest.id} ingest={ingest} model={model} now={now} />
          ))}
      </div>
    </section>
  );
}

function clusterLast(a: string, b: string): number {
  return Number(a === 'cluster') - Number(b === 'cluster') || a.localeCompare(b);
}

type PanelProps = { name: string; endpoint: Endpoint | undefined; readings: readonly Reading[]; now: number };

function EndpointPanel({ name, endpoint, readings, now }: PanelProps) {
  const facts = [
    endpoint?.version,
    endpoint?.requestsPerSecond == null ? null : `${endpoint.requestsPerSecond.toFixed(1)} requests/s from Trellis`,
    ...(endpoint?.capabilities ?? []),
  ].filter((fact) => fact != null);
  const shared = sharedAdvice(readings);
  return (
    <article
      aria-label={name}
      data-entity={`endpoints/${kindOf(readings)}/${name}`}
      className="min-w-0 rounded-md border border-line bg-panel p-2.5"
    >
      <h3 className="font-semibold">
        {name === 'cluster' ? 'asked of one member at a time' : name}
        <span className="ml-2 text-[12px] font-normal text-text-2">{facts.join(' · ')}</span>
      </h3>
      {shared.map((advice) => (
        <p key={advice.fix} data-advice={advice.code} className="mt-1 text-[12px] text-text-2">
          <span className="font-semibold text-degraded">
            {formatCount(advice.count, 'reading')}: {advice.code}.
          </span>{' '}
          {advice.fix}
        </p>
      ))}
      <ul className="mt-1 text-[12px]">
        {readings.map((reading) => (
          <ReadingRow key={reading.key} reading={reading} shared={shared} now={now} />
        ))}
      </ul>
    </article>
  );
}

/** The source of an endpoint's readings. */
function kindOf(readings: readonly Reading[]): string {
  return readings[0]?.source ?? '';
}

/** A reading's own status: failing, stale, or fine. */
function shownReading(reading: Reading, now: number): Shown {
  if (reading.failure !== null) return { status: 'degraded', word: reading.failure.code };
  const freshness = freshnessOf(reading, now);
  if (freshness === 'fresh') return { status: 'ok', word: 'answers' };
  return freshness === 'stale' ? { status: 'stale', word: 'stale' } : { status: 'unknown', word: 'no answer yet' };
}

function ReadingRow({ reading, shared, now }: { reading: Reading; shared: readonly Advice[]; now: number }) {
  const { asks, tells, needs } = questionOf(reading);
  const { failure } = reading;
  const shown = shownReading(reading, now);
  return (
    <li data-reading={reading.key} data-status={shown.status} className="border-t border-line py-1">
      <p className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-3 sm:grid-cols-[6.5rem_7rem_5rem_minmax(0,1fr)]">
        <span className="truncate font-mono">{reading.name}</span>
        <StatusMark {...shown} />
        <span className="text-text-3">every {formatAge(reading.intervalMs)}</span>
        <span className="text-text-2">
          {reading.at === null ? 'never answered' : `${formatAge(now - reading.at)} ago`}
          {reading.tookMs !== null && ` in ${Math.round(reading.tookMs)} ms`}
          {reading.via !== null && ` by ${reading.via}`}
        </span>
        <span className="col-start-2 break-words text-text-3 sm:col-end-5">
          {asks}: {tells} <span className="sr-only">(needs {needs})</span>
        </span>
      </p>
      {reading.lacks !== null && failure === null && <p className="mt-0.5 text-text-2">Without {reading.lacks}.</p>}
      {failure !== null && (
        <p className="mt-0.5 text-degraded">
          {failure.message} (for {formatAge(now - failure.since)}).{' '}
          {!shared.some(({ fix }) => fix === fixFor(reading, failure.code)) && (
            <span className="text-text-2">{fixFor(reading, failure.code)}</span>
          )}
        </p>
      )}
    </li>
  );
}
