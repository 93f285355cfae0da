/**
 * A process of its own that publishes Celery's events of made-up tasks at a steady rate, and keeps a ledger of them:
 * `node bench/event-generator.ts '<GeneratorOrder as JSON>'`. SIGTERM: ends after the batch that is under way.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labContext } from '#lab/context.ts';
import type { Host } from '#lab/layout.ts';
import { labPaths } from '#lab/paths.ts';
import { openBroker } from './event-broker.ts';
import { publishEvents } from './event-message.ts';
import { storyBatch } from './event-stories.ts';
import type { ConfirmedLine, PlannedLine } from './task-ledger-files.ts';

/** What the generator is told. */
export type GeneratorOrder = {
  /** The lab's directory. */
  readonly labDir: string;
  readonly host: Host;
  readonly seed: number;
  readonly eventsPerSecond: number;
  readonly ledger: string;
  /** Without confirms it publishes as Celery does; nothing is confirmed in the ledger then. */
  readonly confirms: boolean;
};

/** Its last line. */
export type GeneratorReport = { readonly events: number; readonly tasks: number; readonly seconds: number };

const TASKS_PER_BATCH = 60;
/** What was not published in time is made up for, but not more than this. */
const BEHIND_LIMIT_MS = 2_000;

async function generate({ labDir, host, seed, eventsPerSecond, ledger, confirms }: GeneratorOrder): Promise<void> {
  let ending = false;
  process.on('SIGTERM', () => {
    ending = true;
  });
  const connection = await openBroker(labContext(labPaths(labDir)), host);
  const channel = confirms ? await connection.createConfirmChannel() : await connection.createChannel();
  channel.on('error', () => undefined); // the publish that failed says it
  writeFileSync(ledger, '');
  const note = (line: PlannedLine | ConfirmedLine) => appendFileSync(ledger, `${JSON.stringify(line)}\n`);
  const startedMs = performance.now();
  let [events, tasks, dueMs] = [0, 0, startedMs];
  for (let batch = 0; !ending; batch += 1) {
    const made = storyBatch(seed, batch, TASKS_PER_BATCH, Date.now());
    note({ batch, tasks: made.tasks });
    await publishEvents(channel, made.messages);
    if (confirms) note({ confirmed: batch });
    events += made.events;
    tasks += made.tasks.length;
    dueMs = Math.max(dueMs, performance.now() - BEHIND_LIMIT_MS) + (made.events / eventsPerSecond) * 1000;
    // At once too: without a turn of the loop nothing would be sent, and no signal be seen.
    await sleep(Math.max(0, dueMs - performance.now()));
  }
  await connection.close();
  const report: GeneratorReport = { events, tasks, seconds: (performance.now() - startedMs) / 1000 };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

await generate(JSON.parse(process.argv[2] ?? '') as GeneratorOrder);
