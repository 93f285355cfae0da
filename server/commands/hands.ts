/** Everything by which Trellis acts on Celery, put together from the configuration; it connects when it is first used. */
import type { Model } from '#lib/model/model.ts';
import { type CeleryControl, createCeleryControl } from '#server/actions/celery-control.ts';
import { type CeleryPublisher, createPublisher } from '#server/actions/celery-publish.ts';
import { type BrokerAddress, brokerAddresses } from '#server/amqp/addresses.ts';
import { createPidboxClient } from '#server/amqp/pidbox-client.ts';
import { amqpPidboxWire } from '#server/amqp/pidbox-wire.ts';
import { createMask, type Mask } from '#server/celery/mask.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { IngestOptions } from '#server/ingest/report.ts';
import { resultNodesOf } from '#server/ingest/result-nodes.ts';
import { type ResultsRead, resultReader } from '#server/ingest/result-reader.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { createInspections, type Inspections } from './inspections.ts';

/** What stored results tell; as `ResultReader.read`. */
export type StoredResults = { read(ids: readonly string[]): Promise<ResultsRead> };

export type Hands = {
  control: CeleryControl;
  publisher: CeleryPublisher;
  inspections: Inspections;
  tasks: TaskReader;
  /** null = no result store is configured. */
  results: StoredResults | null;
  /** As whom it publishes: `gen<pid>@trellis`. */
  origin: string;
  /** For what is shown of arguments. */
  mask: Mask;
  clock: TimerClock;
  close(): void;
};

export type HandsOptions = {
  /** What the ingest thread works with: addresses, acting credentials, result store. */
  intake: IngestOptions;
  /** What the applications publish through; those of `intake` come after. */
  entrances: Parameters<typeof brokerAddresses>[0]['entrances'];
  /** The name of the Redis service with the results. */
  resultService: string | null;
  tasks: TaskReader;
  model(): Model;
  clock: TimerClock;
  pid: number;
  /** Names whose values are not shown; the usual ones unless told. */
  maskedNames?: readonly string[] | undefined;
};

/** The hands; null where there are no credentials to act. */
export function createHands(options: HandsOptions): Hands | null {
  const { intake, tasks, model, clock } = options;
  const { acting, addresses } = intake;
  if (acting === null) return null;
  const client = createPidboxClient(amqpPidboxWire(addresses, acting), clock);
  const control = createCeleryControl({ client, clock, model, tasks });
  const publisher = createPublisher({ addresses: entrancesFirst(options), login: acting, clock });
  const reader = storedResults(options);
  const mask = createMask(options.maskedNames);
  return {
    ...{ control, publisher, tasks, results: reader, origin: `gen${options.pid}@trellis`, mask, clock },
    inspections: createInspections({ control, model, clock, mask }),
    close() {
      void control.close();
      publisher.close();
      reader?.close();
    },
  };
}

function entrancesFirst({ intake, entrances }: HandsOptions): readonly BrokerAddress[] {
  const all = [...brokerAddresses({ entrances }), ...intake.addresses];
  return [...new Map(all.map((address) => [address.name, address])).values()];
}

function storedResults({ intake, resultService, model, clock }: HandsOptions) {
  if (intake.results === null) return null;
  const reader = resultReader({ ...intake.results, clock });
  return {
    read(ids: readonly string[]) {
      if (resultService !== null) reader.setNodes(resultNodesOf(resultService, model(), clock.now()));
      return reader.read(ids);
    },
    close: () => reader.close(),
  };
}
