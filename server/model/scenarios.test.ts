/**
 * Golden scenarios: what the lab's endpoints said while something broke, and what the model must make of it.
 * `scenarios/<name>/observations.jsonl.gz` is recorded with `npm run record`; `expected.txt` was read by a person.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { partsOf } from '#lib/model/parts.ts';
import type { Transition } from '#lib/model/transition.ts';
import { startChronicle } from '#server/history/chronicle.ts';
import { RULES } from '#server/sources/registry.ts';
import { LAB_HOSTS, LAB_REDUCERS } from '#server/sources/whole-estate.ts';
import { fold, startFold } from './fold.ts';
import { forecastsOf } from './forecast.ts';
import { startJudging } from './judge.ts';
import type { Observation } from './observation.ts';

const DIR = join(import.meta.dirname, 'scenarios');
/** The server looks at the clock once a second even when nobody says anything. */
const TICK_MS = 1_000;

function recorded(name: string): Observation[] {
  const text = gunzipSync(readFileSync(join(DIR, name, 'observations.jsonl.gz'))).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Observation);
}

type Played = { lines: string[]; found: string[]; model: Model; endedAt: number };

function play(observations: readonly Observation[]): Played {
  const startedAt = observations[0]?.at ?? 0;
  let state = startFold(LAB_HOSTS, LAB_REDUCERS);
  const chronicle = startChronicle();
  const judge = startJudging({
    rules: RULES,
    onError: (_, error) => {
      throw error;
    },
  });
  let tickAt = startedAt;
  const lines: string[] = [];
  const found: string[] = [];
  let findings: Model['findings'] = {};
  const judgeAt = (now: number) => {
    const next = judge.judge(state.model, now, new Map());
    const seconds = ((now - startedAt) / 1_000).toFixed(1).padStart(5);
    for (const [id, one] of Object.entries(findings))
      if (next[id] === undefined && told(one)) found.push(`${seconds} s  − ${id}`);
    for (const [id, one] of Object.entries(next)) {
      if (!told(one) || (findings[id] !== undefined && findings[id]?.root === one.root)) continue;
      const under = one.root === null ? '' : `  under ${one.root}`;
      found.push(`${seconds} s  ${findings[id] === undefined ? '+' : '·'} ${id}: ${one.severity}${under}`);
    }
    findings = next;
  };
  const notice = (now: number) => {
    for (const { at, code, subject, from, to, cause } of chronicle.notice(state.model, now).transitions) {
      const seconds = ((at - startedAt) / 1_000).toFixed(1).padStart(5);
      const why = cause === undefined ? '' : `  (${nameOf(cause)} → ${cause.to})`;
      lines.push(`${seconds} s  ${nameOf({ code, subject })}: ${from} → ${to}${why}`);
    }
    judgeAt(now);
  };
  for (const observation of observations) {
    for (; tickAt < observation.at; tickAt += TICK_MS) notice(tickAt);
    state = fold(state, observation, LAB_REDUCERS);
    notice(observation.at);
  }
  const endedAt = observations.at(-1)?.at ?? 0;
  const forecasts = Object.values(forecastsOf(state.model, endedAt)).filter(
    ({ failing }) => failing[0]?.kind === 'hosts',
  );
  found.push('', ...forecasts.map(({ id, outcome, reason }) => `lose ${id}: ${outcome} (${reason})`));
  return { lines, found, model: state.model, endedAt };
}

/** Settings are the same in every scenario. */
const told = ({ posture }: Finding) => !posture;

function nameOf({ code, subject }: Pick<Transition, 'code' | 'subject'>): string {
  return [code, subject.id, subject.part].filter((text) => text !== undefined).join(' ');
}

/** The same observations, endpoint by endpoint: another interleaving of independent witnesses. */
function byEndpoint(observations: readonly Observation[]): Observation[] {
  return [...observations].sort((a, b) => `${a.source}/${a.endpoint}`.localeCompare(`${b.source}/${b.endpoint}`));
}

const withoutSince = (model: Model) =>
  JSON.parse(JSON.stringify(model, (key, value) => (key === 'goneSince' ? value !== null : value)));

const names = existsSync(DIR) ? readdirSync(DIR).sort() : [];

describe.each(names)('scenario %s', (name) => {
  const observations = recorded(name);

  test('gives the transitions and the final picture that a person has read', async () => {
    const { lines, model, endedAt } = play(observations);
    const picture = partsOf(model, endedAt).map(({ kind, id, status, word }) => `${kind} ${id}: ${status} (${word})`);
    const text = `${lines.join('\n')}\n\n${picture.join('\n')}\n`;
    await expect(text).toMatchFileSnapshot(join(DIR, name, 'expected.txt'));
  });

  test('gives the findings, and the forecast at its end, that a person has read', async () => {
    const { found } = play(observations);
    await expect(`${found.join('\n')}\n`).toMatchFileSnapshot(join(DIR, name, 'findings.txt'));
  });

  test('ends in the same model when the endpoints are heard in another order', () => {
    const state = (list: readonly Observation[]) =>
      list.reduce((before, one) => fold(before, one, LAB_REDUCERS), startFold(LAB_HOSTS, LAB_REDUCERS)).model;
    expect(withoutSince(state(byEndpoint(observations)))).toEqual(withoutSince(state(observations)));
  });
});
