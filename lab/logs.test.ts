import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tail } from './logs.ts';

const dir = mkdtempSync(join(tmpdir(), 'lab-logs-'));

it('the tail of a log is its last lines', () => {
  const file = join(dir, 'a.log');
  writeFileSync(file, 'one\ntwo\n\nthree\n');
  expect(tail(file, 2)).toEqual(['two', 'three']);
});

it('the tail of a log that does not exist is empty', () => {
  expect(tail(join(dir, 'none.log'), 5)).toEqual([]);
});
