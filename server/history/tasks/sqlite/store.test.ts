import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTaskStore } from '#server/history/tasks/task-store-contract.ts';
import { sqliteTasks } from './store.ts';
import { openTaskWriter } from './writer.ts';

/** What is found must not depend on how busy the machine is. */
const PATIENT_MS = 60_000;

describeTaskStore('SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-tasks-'));
  const path = join(dir, 'tasks.db');
  return {
    openWriter: () => openTaskWriter(path),
    openReader: () => sqliteTasks(path, PATIENT_MS),
    remove: () => rmSync(dir, { recursive: true }),
  };
});
