/**
 * `npm run doctor`: asks every endpoint of a configuration every question once, and says what fails and how to mend
 * it. Ends with 0 when everything was answered, with 1 otherwise.
 */
import { parseArgs } from 'node:util';
import { fixFor, questionOf } from '#lib/format/reading.ts';
import type { Model } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import { ConfigError, configPath, loadConfig } from '#server/config/load.ts';
import { startWatch } from '#server/runtime/watch.ts';
import { sourcesOf } from '#server/sources/registry.ts';

/** The slowest reading is answered, or times out, within this; data nodes are found on the way. */
const PATIENCE_MS = 8_000;
/** Readings that still appear (data nodes behind Sentinels) do so within this of the last one. */
const QUIET_MS = 2_500;

/** The model once every question was answered or refused. */
async function examine(path: string): Promise<Model> {
  const config = loadConfig(path);
  const hosts = Object.fromEntries(Object.entries(config.hosts).map(([id, address]) => [id, { id, address }]));
  const clock = () => Date.now();
  const startedAt = clock();
  let known = 0;
  let changedAt = startedAt;
  return new Promise((resolve) => {
    const watch = startWatch({ hosts, sources: sourcesOf(config, clock), notice: () => [], clock, publish });
    function publish(model: Model): void {
      const readings = Object.values(model.readings);
      // A subscription that is still being opened is no failure yet.
      const settled = readings.filter((one) => one.failure === null || clock() - startedAt > QUIET_MS).length;
      if (settled !== known) changedAt = clock();
      known = settled;
      const quiet = settled === readings.length && clock() - changedAt > QUIET_MS;
      if (!quiet && clock() - startedAt < PATIENCE_MS) return;
      watch.stop();
      resolve(model);
    }
  });
}

function report(model: Model): boolean {
  const readings = Object.values(model.readings);
  const failing = readings.filter((reading) => reading.failure !== null);
  let heading = '';
  for (const reading of readings.sort((a, b) => a.key.localeCompare(b.key))) {
    const endpoint = `${reading.source}/${reading.endpoint}`;
    if (endpoint !== heading) {
      const { version, capabilities = [] } = model.endpoints[endpoint] ?? {};
      process.stdout.write(`\n${[endpoint, version, ...capabilities].filter((text) => text != null).join('  ')}\n`);
      heading = endpoint;
    }
    process.stdout.write(lineOf(reading));
  }
  const verdict =
    failing.length === 0 ? 'every question was answered' : `${failing.length} of ${readings.length} questions failed`;
  process.stdout.write(
    `\n${readings.length === 0 ? 'nothing to ask: the configuration names no endpoint' : verdict}\n`,
  );
  return failing.length === 0 && readings.length > 0;
}

function lineOf(reading: Reading): string {
  const { asks, needs } = questionOf(reading);
  const { failure } = reading;
  const without = reading.lacks === null ? '' : `        without ${reading.lacks}\n`;
  if (failure === null)
    return `  ok    ${reading.name.padEnd(12)} ${String(Math.round(reading.tookMs ?? 0)).padStart(5)} ms  ${asks}\n${without}`;
  const fix = fixFor(reading, failure.code);
  return `  FAIL  ${reading.name.padEnd(12)} ${failure.code}: ${failure.message}\n        asks ${asks}; needs ${needs}. ${fix}\n`;
}

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const whole = report(await examine(configPath(values.config)));
  process.exit(whole ? 0 : 1);
} catch (error) {
  const known = error instanceof ConfigError || (error as { code?: string }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
  process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
