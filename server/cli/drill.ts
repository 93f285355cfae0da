/**
 * `npm run drill -- <id>`: shows the plan of a drill, and with `--yes` runs it on a running Trellis, over HTTP. Ends with 0 where
 * the hypothesis held (or the plan is clear), 1 where it was broken, 2 where it was refused, called off, failed or cannot be told.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DrillPlanAnswer, DrillsAnswer, RunAnswer, StartRun } from '#lib/contract/drills.ts';
import { formatStopwatch, hypothesisSentences } from '#lib/format/drill.ts';
import { DRILL_IDS, type DrillId, type DrillPlan, type Run } from '#lib/model/drill.ts';

const USAGE = `Usage: npm run -s drill -- <id> [--target ID] [--url http://127.0.0.1:3000] [--token TOKEN] [--yes --reason WHY] [--json]
  ${DRILL_IDS.join(' ')}
Without --yes it only shows the plan. Of an interrupted wait the run goes on: call it off on its page.`;
const LOOK_MS = 500;
/** So long a Trellis that does not answer is asked again. */
const PATIENCE_MS = 60_000;
const EXIT = { held: 0, broken: 1, other: 2 } as const;

/** Something that a person can mend; shown without a stack. */
class DrillError extends Error {}
/** What asking again does not mend. */
class RefusedError extends DrillError {}

type Options = ReturnType<typeof options>;

async function main(): Promise<number> {
  const given = options();
  const { drill, json } = given;
  const { plan } = await ask<DrillPlanAnswer>(given, `drills/${drill}/plan`, { target: given.target });
  const isClear = plan.checks.every(({ level }) => level !== 'block');
  if (!given.yes || !isClear) {
    print(json ? JSON.stringify(plan, null, 2) : planText(plan));
    return isClear ? EXIT.held : EXIT.other;
  }
  const run = await start(given, plan);
  const answer = await ended(given, run.id);
  print(json ? JSON.stringify(answer, null, 2) : answer.sentences.join('\n'));
  const { verdict } = answer.run;
  return verdict === 'held' ? EXIT.held : verdict === 'broken' ? EXIT.broken : EXIT.other;
}

async function start(given: Options, plan: DrillPlan): Promise<Run> {
  const { drills } = await ask<DrillsAnswer>(given, 'drills');
  const target = drills.find(({ id }) => id === plan.drill)?.targets.find(({ id }) => id === plan.target);
  const wish: StartRun & { reason: string } = {
    ...{ drill: plan.drill, target: plan.target, planHash: plan.stateHash },
    ...{ typedTarget: target?.name ?? '', reason: given.reason },
  };
  const { run } = await ask<RunAnswer>(given, 'runs', wish);
  note(`Run ${run.id}: ${given.url}/runs/${run.id}`);
  return run;
}

/** Tells every step as it goes by. */
async function ended(given: Options, id: string): Promise<RunAnswer> {
  const told = new Map<string, string>();
  for (;;) {
    const answer = await look(given, id);
    const { run } = answer;
    for (const { id: step, title, state, says, startedAt } of run.steps) {
      if (startedAt === null || told.get(step) === state) continue;
      told.set(step, state);
      note(`${formatStopwatch(startedAt - run.startedAt)}  ${title}: ${state}${says === '' ? '' : `. ${says}`}`);
    }
    if (run.endedAt !== null) return answer;
    await setTimeout(LOOK_MS);
  }
}

/** A drill may hold up who watches it, too: the run goes on meanwhile. */
async function look(given: Options, id: string): Promise<RunAnswer> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask<RunAnswer>(given, `runs/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof RefusedError || Date.now() > until) throw error;
      await setTimeout(LOOK_MS);
    }
  }
}

async function ask<T>({ url, token }: Options, path: string, body?: object): Promise<T> {
  const address = `${url}/api/v1/${path}`;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined)
    Object.assign(headers, { 'content-type': 'application/json', 'idempotency-key': randomUUID() });
  const sent = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(address, sent).catch((error: Error) => {
    throw new DrillError(`${address} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`);
  });
  const answer = (await response.json().catch(() => null)) as (T & { code?: string; detail?: string }) | null;
  if (response.ok && answer !== null) return answer;
  const Refused = response.status < 500 ? RefusedError : DrillError;
  throw new Refused(`${response.status} ${answer?.code ?? ''}: ${answer?.detail ?? 'no answer that can be read'}`);
}

function planText(plan: DrillPlan): string {
  return [
    `${plan.drill} on ${plan.target ?? 'nothing'}`,
    '',
    ...hypothesisSentences(plan.hypothesis),
    '',
    ...plan.checks.map(({ level, text }) => `${level.padEnd(5)}  ${text}`),
    '',
    ...plan.steps.flatMap(({ title, calls, undo }, i) => [
      `${i + 1}. ${title}`,
      ...calls.map((call) => `     ${call}`),
      ...undo.map((call) => `     undo: ${call}`),
    ]),
    ...(plan.warnings.length === 0 ? [] : ['', ...plan.warnings]),
  ].join('\n');
}

/** News go beside the result: a pipe gets the report alone. */
function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{
        target: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:3000' },
        token: { type: 'string' },
      },
      ...{
        yes: { type: 'boolean', default: false },
        reason: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    },
  });
  const drill = DRILL_IDS.find((id) => id === positionals[0]);
  if (drill === undefined || positionals.length !== 1) throw new DrillError(USAGE);
  if (values.yes && (values.reason ?? '').trim().length < 3)
    throw new DrillError('--reason: say why; it is kept in the audit.');
  return {
    ...{
      drill: drill as DrillId,
      target: values.target ?? null,
      url: values.url.replace(/\/+$/, ''),
      token: values.token,
    },
    ...{ yes: values.yes, reason: values.reason ?? '', json: values.json },
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code = '', message, stack } = error as NodeJS.ErrnoException;
  const isUsage = code.startsWith('ERR_PARSE_ARGS');
  const isKnown = error instanceof DrillError;
  process.stderr.write(`${isUsage ? `${message}\n${USAGE}` : isKnown ? message : (stack ?? String(error))}\n`);
  process.exitCode = EXIT.other;
}
