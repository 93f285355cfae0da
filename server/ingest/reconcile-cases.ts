/** For tests: a real store of tasks, with workers and results that say what they are told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task, TaskEventType } from '#lib/model/task.ts';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import type { TaskWriter } from '#server/history/tasks/store.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { Inspector } from './inspect.ts';
import type { TaskChange, TaskFields } from './merge.ts';
import { type ReconcileReport, ROUND_MS, startReconcile } from './reconcile.ts';
import type { WorkerSight } from './reconcile-plan.ts';
import type { ResultReader, ScanPage } from './result-reader.ts';

/** When the clock begins (epoch ms). */
export const START = 1_800_000_000_000;

/** An event of a task at this time (epoch ms). */
export const event = (id: string, type: TaskEventType, at: number, by = 'w1', fields: TaskFields = {}): TaskChange => ({
  ...{ id, fields },
  event: { type, at, by, pid: 7, note: null, retries: type === 'received' ? 0 : null },
});
/** A task that a worker has begun. */
export const running = (id: string, at: number, by = 'w1') => [
  event(id, 'received', at, by, { name: 'shop.pay' }),
  event(id, 'started', at + 1, by),
];
/** A result as Celery stores it. */
export const stored = (status: string, doneAt: number, more = {}) =>
  JSON.stringify({
    ...{ status, result: 1, traceback: null, children: [] },
    date_done: new Date(doneAt).toISOString(),
    ...more,
  });

/** Two workers, of which tests change one; a result store; a clock. */
export function openEstate(more: { inspect?: null; results?: null } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-reconcile-'));
  const writer = openTaskWriter(join(dir, 'tasks.db'));
  const clock = manualClock(START);
  const values = new Map<string, string>();
  const held = new Map<string, Record<string, unknown>>();
  const asked: { workers: string[][]; ids: string[][]; running: string[] } = { workers: [], ids: [], running: [] };
  const workers = new Map<string, WorkerSight>();
  const set = (id: string, state: WorkerSight['state'], since = clock.now(), missedTasks = 0, processSince = since) =>
    workers.set(id, { id, state, since, missedTasks, processSince });
  const world = {
    ...{ writer, clock, values, held, asked, set },
    listeningSince: (START - 60_000) as number | null,
    storeAnswers: true,
    workersAnswer: true,
    failWrites: false,
    pages: [] as (ScanPage | Error)[],
  };
  set('w1', 'online', START - 60_000);
  set('w2', 'online', START - 60_000);
  const inspect: Inspector = {
    async ask({ destination }) {
      asked.workers.push([...destination]);
      if (!world.workersAnswer) return { replies: new Map(), silent: [...destination] };
      return { replies: new Map(destination.map((id) => [id, held.get(id) ?? {}])), silent: [] };
    },
    close: () => undefined,
  };
  const results: ResultReader = {
    setNodes: () => undefined,
    async read(ids) {
      asked.ids.push([...ids]);
      if (!world.storeAnswers)
        return { found: new Map(), absent: new Set(), asked: [], problem: '10.0.0.1:6379: no answer' };
      const found = new Map(ids.flatMap((id) => (values.has(id) ? [[id, values.get(id) ?? ''] as const] : [])));
      return { found, absent: new Set(ids.filter((id) => !values.has(id))), asked: ['10.0.0.1:6379'], problem: null };
    },
    async scan() {
      const page = world.pages.shift() ?? { found: new Map(), next: null, keys: 0 };
      if (page instanceof Error) throw page;
      return page;
    },
    close: () => undefined,
  };
  const reports: ReconcileReport[] = [];
  const kept: Pick<TaskWriter, 'write' | 'marks' | 'running' | 'unfinished'> = {
    ...writer,
    running(worker, limit) {
      asked.running.push(worker);
      return writer.running(worker, limit);
    },
    write(changes, marks) {
      if (world.failWrites) throw new Error('tasks.db cannot grow: the disk is full');
      return writer.write(changes, marks);
    },
  };
  const start = () =>
    startReconcile({
      writer: kept,
      inspect: more.inspect === null ? null : inspect,
      results: more.results === null ? null : results,
      workers: () => [...workers.values()],
      listeningSince: () => world.listeningSince,
      clock,
      onReport: (report) => reports.push(report),
    });
  const end = () => {
    whole.reconcile.stop();
    writer.close();
    rmSync(dir, { recursive: true });
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const whole = Object.assign(world, {
    ...{ reconcile: start(), reports, end },
    /** As Trellis begins again, on the same store. */
    restart() {
      whole.reconcile.stop();
      whole.reconcile = start();
    },
    write: (...changes: TaskChange[]) => writer.write(changes, []),
    /** Rounds until so much time has passed. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= ROUND_MS) {
        clock.advance(Math.min(left, ROUND_MS));
        await turn();
      }
    },
    /** The task as it is now. */
    task(id: string): Task {
      const [changed] = writer.write([event(id, 'custom', 1, 'test')], []).changed;
      if (changed === undefined) throw new Error('asked twice');
      return changed.after;
    },
    open: () => writer.unfinished(Number.MAX_SAFE_INTEGER, 100),
  });
  return whole;
}
/** What `openEstate` makes. */
export type Estate = ReturnType<typeof openEstate>;
/** The states of the tasks that have not ended. */
export const states = (world: Estate) => Object.fromEntries(world.open().map(({ id, state }) => [id, state]));
