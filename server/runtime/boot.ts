/** Boot: the composition root. The only place where concrete classes meet. Returns at once; nothing is awaited. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FindingsAnswer } from '#lib/contract/findings.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Host } from '#lib/model/model.ts';
import { startActing } from '#server/commands/start-acting.ts';
import { configPath, loadConfig } from '#server/config/load.ts';
import type { Drills } from '#server/drills/drills.ts';
import { startDrills } from '#server/drills/start-drills.ts';
import { startAcknowledgements } from '#server/history/acknowledgements.ts';
import { startChronicle } from '#server/history/chronicle.ts';
import { startHistory } from '#server/history/history.ts';
import { startOpenFindings } from '#server/history/open-findings.ts';
import { sqliteHistory } from '#server/history/sqlite/store.ts';
import { sqliteTasks } from '#server/history/tasks/sqlite/store.ts';
import { startConfigWatch } from '#server/ingest/config-watch.ts';
import { startIngest } from '#server/ingest/ingest.ts';
import type { Rule } from '#server/model/rule.ts';
import { createLogger } from '#server/observability/log.ts';
import { RULES, sourcesOf } from '#server/sources/registry.ts';
import { createHub } from '#server/stream/hub.ts';
import { systemClock } from './clock.ts';
import { drainOnSignals, idleClock } from './drain.ts';
import { startGuard } from './guard.ts';
import { watchHttpServers } from './http-servers.ts';
import { ingestOptions, resultService, taskFile, tellResultNodes } from './intake.ts';
import { startJudgement } from './judgement.ts';
import { fillSlot, runtimeOrNull } from './slot.ts';
import { startWatch, type Watch } from './watch.ts';

const DAY_MS = 86_400_000;
/** What the ingest thread gets to store and acknowledge what has come. */
const INGEST_END_MS = 500;

/** Starts everything that lives longer than a request. A second call does nothing. @throws ConfigError */
export function boot(): void {
  if (runtimeOrNull() !== null) return;
  const config = loadConfig(configPath(undefined));
  const log = createLogger();
  const httpServers = watchHttpServers();
  const clock = () => Date.now();
  const instance = randomUUID().slice(0, 8);
  let drills: Drills | null = null;
  const hub = createHub(instance, config.estate, systemClock());
  const hosts: Record<string, Host> = {};
  for (const [id, address] of Object.entries(config.hosts)) hosts[id] = { id, address };
  const publish: Parameters<typeof startWatch>[0]['publish'] = (model, transitions) => {
    for (const { at: _, ...transition } of transitions) log.info(transition, 'transition');
    hub.publish(model, transitions);
    drills?.notice(model, transitions);
    tellNodes(model, clock());
  };
  const intake = ingestOptions(config, instance);
  const onProblem = (message: string) => log.warn({ message }, 'intake');
  const ingest =
    intake === null ? null : startIngest({ options: intake, clock: systemClock(), random: Math.random, onProblem });
  const tasks = intake === null ? null : sqliteTasks(taskFile(config));
  ingest?.listen({ onReport: ({ seconds }) => seconds.forEach(hub.throughput), onFailure: () => undefined });
  const service = resultService(config);
  const tellNodes = ingest === null || service === null ? () => undefined : tellResultNodes(ingest, service);
  const chronicle = startChronicle();
  const store = sqliteHistory(join(config.dataDir, 'history.db'));
  const history = startHistory({
    store,
    clock: systemClock(),
    limits: { maxAgeMs: config.history.keepDays * DAY_MS, maxRows: config.history.keepRows },
    onRecall: (recall, newest) => {
      chronicle.recall(recall);
      hub.remember(newest);
    },
    onState: (state) => log[state.state === 'ok' ? 'info' : 'error'](state, 'history'),
  });
  const notice = (...[model, now]: Parameters<typeof chronicle.notice>) => {
    const noticed = chronicle.notice(model, now);
    history.record(noticed);
    return noticed.transitions;
  };
  const acknowledgements = startAcknowledgements(store, systemClock());
  const openFindings = startOpenFindings(store, systemClock());
  const judge = startJudgement({
    rules: RULES,
    acknowledged: acknowledgements.current,
    sinceBefore: openFindings.sinceBefore,
    onFindings: openFindings.note,
    causeOf: (model, now) => drills?.causeOf(model, now) ?? (() => null),
    onError: (code, error) => log.error({ code, error: String(error) }, 'rule failed'),
  });
  const guard = startGuard(config, clock, ({ message }) => log.error({ message }, 'audit'));
  const acting = startActing({
    ...{ config, intake, tasks, audit: guard.audit, clock: systemClock() },
    model: () => watch.model,
    onProblem: (message) => log.error({ message }, 'operation'),
  });
  const mayAsk = !guard.locks.readOnly && !guard.locks.disabled.includes('worker.inspect');
  const { hands } = acting;
  const configs =
    hands === null || ingest === null || !mayAsk
      ? null
      : startConfigWatch({
          inspect: hands.control.inspect,
          workers: () => ingest.report?.workers ?? [],
          clock: systemClock(),
        });
  const sources = sourcesOf(config, clock, ingest, configs);
  const watch: Watch = startWatch({ hosts, sources, notice, judge, publish, clock });
  drills = startDrills({
    ...{ config, tasks, locks: guard.locks, audit: guard.audit, clock: systemClock() },
    events:
      ingest === null
        ? null
        : { listen: (one) => ingest.listen({ onReport: () => undefined, onFailure: () => undefined, ...one }) },
    model: () => watch.model,
    hurry: watch.hurry,
    onRun: hub.publishRun,
    onProblem: (message) => log.warn({ message }, 'drills'),
  });
  const stop = () => {
    httpServers.close();
    // The audit must still take for a moment what becomes of commands under way.
    configs?.stop();
    acting.stop();
    ingest?.stop();
    watch.stop();
    acknowledgements.stop();
    openFindings.stop();
    hub.close();
    history.end();
    // Last: the thread has worked meanwhile.
    ingest?.waitStopped(INGEST_END_MS);
  };
  fillSlot({
    instance,
    startedAt: clock(),
    estate: config.estate,
    hub,
    watch,
    history,
    acknowledgements,
    ...{ ingest, tasks, drills },
    ...guard,
    ...{ hands, operations: acting.operations, flower: config.flower },
    findingCodes: codesOf(RULES),
    clock,
    stop,
  });
  drainOnSignals({
    underWay: () => (drills?.active == null ? (drills?.isBusy ? 'a run of before' : null) : nameOf(drills.active)),
    takeBack: async () => drills?.stop(),
    ...{ stop, log, clock: idleClock(), process },
  });
  log.info({ estate: config.estate.name, config: config.path, instance }, 'watching');
}

function nameOf({ id, drill, target }: Run): string {
  return `${drill}${target === null ? '' : ` ${target}`} (${id})`;
}

function codesOf(rules: readonly Rule[]): FindingsAnswer['codes'] {
  return Object.fromEntries(
    rules.map(({ code, means, mend, severity, posture }) => [code, { means, mend, severity, posture }]),
  );
}
