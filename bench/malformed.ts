/**
 * A hundred thousand malformed messages to the event exchange, and malformed answers to whatever queue Trellis waits for answers
 * in: it must go on (the same process), count what it cannot take, and take every good event sent between.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfirmChannel } from 'amqplib';
import { labContext } from '#lab/context.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { Bench, BenchContext } from './bench.ts';
import { epochMs, waitUntil } from './clock.ts';
import { deleteEventQueue, openBroker, replyQueues } from './event-broker.ts';
import { malformedMessage } from './event-malformed.ts';
import { EVENT_EXCHANGE, publishEvents } from './event-message.ts';
import { storyBatch } from './event-stories.ts';
import { aligned, single } from './report.ts';
import { bringLabUp } from './session.ts';
import { compareUntilComplete, keptOf, readEstate, readIntake, runWithHistory } from './task-api.ts';
import type { LedgerTask } from './task-ledger.ts';
import { benchFile } from './task-load.ts';

const MESSAGES = 100_000;
const SEED = 65_537;
const CHUNK = 500;
/** Good tasks after every chunk. */
const GOOD = 5;
const REPLY_EVERY = 10;
const START_LIMIT_MS = 60_000;
const COMPLETE_LIMIT_MS = 180_000;

/** `npm run bench -- malformed` */
export const malformed: Bench = {
  title: `${MESSAGES} malformed events and answers`,
  run: async (context) => {
    const { lab, say } = context;
    await bringLabUp(context);
    const dataDir = benchFile(context, 'data');
    rmSync(dataDir, { recursive: true, force: true });
    await deleteEventQueue(labContext(lab.paths));
    const trellis = await runWithHistory(context, dataDir);
    const consumes = async () => (await readIntake(trellis.url))?.state === 'consuming';
    if (!(await waitUntil(consumes, START_LIMIT_MS, 500))) throw new Error('the intake does not consume');
    const connection = await openBroker(labContext(lab.paths), 'host-1');
    context.atEnd('publisher closed', () => connection.close());
    const channel = await connection.createConfirmChannel();
    const before = await readEstate(trellis.url);
    const counted = Object.values(before.model.ingests)[0];
    const fromMs = epochMs();

    const { ledger, events, unusable, kinds, answers } = await publishAll(context, channel);
    say(
      `published: ${MESSAGES} messages, ${answers} of them as answers too, ${ledger.length} good tasks between\n${kinds}`,
    );
    const compared = keptOf(await compareUntilComplete(trellis.url, ledger, fromMs, COMPLETE_LIMIT_MS));
    say(compared.text);
    // The counts travel once a second.
    await sleep(3_000);
    const after = await readEstate(trellis.url);
    const now = Object.values(after.model.ingests)[0];
    say(`counted as rejected: ${JSON.stringify(now?.rejected)}; problem: ${now?.problem ?? 'none'}`);
    const rejected = rejectedOf(now) - rejectedOf(counted);
    const received = (now?.received ?? 0) - (counted?.received ?? 0);
    const isSame = before.instance === after.instance && !trellis.child.hasEnded;
    return [
      single('Trellis restarted or ended', isSame ? 0 : 1, '', 0, `${MESSAGES} messages`),
      single('unusable events not counted as rejected', Math.max(0, unusable - rejected), '', 0, `${unusable} of them`),
      single('events counted as rejected', rejected, '', null, 'with those that may be taken or not'),
      single(
        'events not counted as received',
        Math.max(0, events - received),
        '',
        0,
        `${events} of them; ${received} with all others`,
      ),
      single('good tasks missing', compared.missing, '', 0, `${compared.confirmed} good tasks`),
      single('good tasks with a wrong end', compared.wrongEnds, '', 0, ''),
      single('good tasks there twice', compared.repeated, '', 0, ''),
      single('intake does not consume at the end', now?.state === 'consuming' ? 0 : 1, '', 0, ''),
    ];
  },
};

type Published = { ledger: LedgerTask[]; events: number; unusable: number; kinds: string; answers: number };

async function publishAll({ lab, say }: BenchContext, channel: ConfirmChannel): Promise<Published> {
  const ledger: LedgerTask[] = [];
  const counts = new Map<string, number>();
  let [events, unusable] = [0, 0];
  let answers = 0;
  for (let from = 0; from < MESSAGES; from += CHUNK) {
    // Looked up again and again: such queues come and go.
    const waiting = from % (CHUNK * REPLY_EVERY) === 0 ? await replyQueues(labContext(lab.paths), 'host-1') : [];
    for (let n = from; n < Math.min(from + CHUNK, MESSAGES); n += 1) {
      const message = malformedMessage(SEED, n, epochMs() / 1000);
      channel.publish(EVENT_EXCHANGE, message.routingKey, message.body, message.properties);
      for (const queue of waiting) {
        channel.publish('', queue, message.body, message.properties);
        answers += 1;
      }
      counts.set(message.kind, (counts.get(message.kind) ?? 0) + 1);
      events += message.events;
      unusable += message.unusable;
    }
    const { tasks, messages } = storyBatch(SEED, from, GOOD, epochMs());
    await publishEvents(channel, messages);
    ledger.push(...tasks.map((task) => ({ ...task, confirmed: true })));
    if ((from / CHUNK) % 40 === 39) say(`${from + CHUNK} messages`);
  }
  const kinds = aligned([...counts].sort().map(([kind, count]) => [kind, String(count)]));
  return { ledger, events, unusable, kinds, answers };
}

function rejectedOf(intake: Ingest | undefined): number {
  return Object.values(intake?.rejected ?? {}).reduce((sum, count) => sum + count, 0);
}
