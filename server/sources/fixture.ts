/** For tests: recorded answers, and readings made of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readingKey, type SourceKind } from '#lib/model/reading.ts';
import type { Latest, ReduceContext } from '#server/model/fold.ts';

/** When recorded readings were taken (epoch ms). */
export const FIXTURE_AT = 1_000_000;

/** The lab's hosts. */
export const FIXTURE_CONTEXT: ReduceContext = {
  hosts: Object.fromEntries([1, 2, 3].map((n) => [`host-${n}`, { id: `host-${n}`, address: `127.0.1.${n}` }])),
  previous: {},
  at: FIXTURE_AT,
};

/** A recorded answer as text, `<kind>/fixtures/<version>/<file>`. */
export function fixtureText(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}

/** A recorded answer as JSON. */
export function fixtureJson(path: string): unknown {
  return JSON.parse(fixtureText(path));
}

/** A reading that was just answered with this (parsed) payload. */
export function answered(source: SourceKind, endpoint: string, name: string, data: unknown): Latest {
  const key = readingKey(source, endpoint, name);
  const times = { intervalMs: 1_000, at: FIXTURE_AT, tookMs: 1, via: null, lacks: null, failure: null };
  return { reading: { key, source, endpoint, name, ...times }, data };
}
