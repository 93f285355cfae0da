import { rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { generatedBatches } from './generated-tasks.ts';

const N = Number(process.argv[2]);
const path = '/tmp/h2p/v' + process.pid + '.db';
const all = [...generatedBatches(N, 1)];
for (const sql of process.argv.slice(3)) {
  for (const e of ['', '-wal', '-shm']) rmSync(path + e, { force: true });
  {
    const w = openTaskWriter(path);
    w.marks();
    w.close();
    const d = new DatabaseSync(path);
    d.exec(sql);
    d.close();
  }
  const w = openTaskWriter(path);
  w.marks();
  let events = 0;
  const c = process.cpuUsage(),
    t = performance.now();
  let max = 0;
  for (const b of all) {
    const t1 = performance.now();
    w.write(b, []);
    max = Math.max(max, performance.now() - t1);
    events += b.length;
  }
  const d = process.cpuUsage(c);
  console.log(
    sql.padEnd(60),
    'cpu',
    ((d.user + d.system) / events).toFixed(1),
    'sys',
    (d.system / events).toFixed(1),
    'wall',
    (((performance.now() - t) * 1e3) / events).toFixed(1),
    'max',
    max | 0,
    'MB',
    (statSync(path).size / 1e6) | 0,
  );
  w.close();
}
for (const e of ['', '-wal', '-shm']) rmSync(path + e, { force: true });
