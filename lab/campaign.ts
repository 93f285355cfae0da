/**
 * `npm run lab:campaign`: proves on the real lab that `up` always ends whole, that `down` leaves nothing, and that every
 * failover heals by itself. Takes about half an hour; after an interruption it goes on with the cases that have not passed.
 *
 * Options: `--again` forgets what has passed, `--only <text>` runs the cases whose name contains the text.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, ENDINGS, FAILOVERS, ROUNDS } from './campaign-cases.ts';
import { openLab } from './control.ts';

type Outcome = { readonly name: string; readonly passed: boolean; readonly seconds: number; readonly note: string };

const { values } = parseArgs({
  options: { again: { type: 'boolean' }, only: { type: 'string' }, dir: { type: 'string' } },
});
const lab = openLab(values.dir);
const file = join(lab.paths.root, 'campaign.json');
const outcomes = new Map<string, Outcome>(values.again ? [] : load().map((outcome) => [outcome.name, outcome]));
const cases = [...ROUNDS, ...FAILOVERS, ...ENDINGS].filter(({ name }) => name.includes(values.only ?? ''));

for (const [index, one] of cases.entries()) {
  if (outcomes.get(one.name)?.passed) continue;
  process.stdout.write(`▸ ${index + 1}/${cases.length} ${one.name}\n`);
  const outcome = await runCase(one);
  process.stdout.write(`${outcome.passed ? '✔' : '✘'} ${one.name} (${outcome.seconds} s): ${outcome.note}\n`);
  outcomes.set(one.name, outcome);
  mkdirSync(lab.paths.root, { recursive: true });
  writeFileSync(file, `${JSON.stringify([...outcomes.values()], null, 2)}\n`);
}

const done = cases.flatMap(({ name }) => outcomes.get(name) ?? []);
process.stdout.write(`\n${done.map(row).join('\n')}\n\n`);
process.stdout.write(`${count(true)} passed, ${count(false)} failed\n`);
process.exitCode = count(false) === 0 ? 0 : 1;

async function runCase({ name, run }: Case): Promise<Outcome> {
  const startedMs = performance.now();
  const end = (passed: boolean, note: string): Outcome => ({
    name,
    passed,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    note,
  });
  try {
    return end(true, await run(lab));
  } catch (error) {
    return end(false, (error as Error).message);
  }
}

function row({ name, passed, seconds, note }: Outcome): string {
  return `${passed ? 'pass' : 'FAIL'}  ${`${seconds} s`.padStart(6)}  ${name.padEnd(55)}  ${note.split('\n')[0]}`;
}

function count(passed: boolean): number {
  return done.filter((outcome) => outcome.passed === passed).length;
}

function load(): readonly Outcome[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Outcome[]) : [];
}
