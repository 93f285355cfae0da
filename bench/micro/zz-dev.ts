import { rmSync, statSync } from 'node:fs';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { generatedBatches } from './generated-tasks.ts';

const N = Number(process.argv[2]);
const path = process.argv[3] ?? '/tmp/h2p/tasks.db';
for (const e of ['', '-wal', '-shm']) rmSync(path + e, { force: true });
const w = openTaskWriter(path);
w.marks();
let events = 0,
  cpu = 0,
  wall = 0,
  changed = 0,
  maxMs = 0,
  worst = 0,
  seg = 0,
  segEv = 0;
for (const b of generatedBatches(N, 1)) {
  const c = process.cpuUsage(),
    t = performance.now();
  changed += w.write(b, []).changed.length;
  const ms = performance.now() - t;
  const d = process.cpuUsage(c);
  const us = d.user + d.system;
  wall += ms;
  cpu += us;
  events += b.length;
  maxMs = Math.max(maxMs, ms);
  seg += us;
  segEv += b.length;
  if (segEv >= 400000) {
    console.log(
      events,
      'ev',
      (seg / segEv).toFixed(1),
      'µs/ev',
      'rss',
      (process.memoryUsage().rss / 1e6) | 0,
      'MB',
      (statSync(path).size / 1e6) | 0,
    );
    seg = segEv = 0;
  }
}
console.log({
  events,
  perTask: events / N,
  changedPerTask: changed / N,
  usPerEvent: cpu / events,
  eventsPerS: (events / wall) * 1000,
  maxMs,
  mb: statSync(path).size / 1e6,
  stats: w.stats(),
});
w.close();
