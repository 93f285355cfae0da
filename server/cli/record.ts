/**
 * `npm run record -- --out DIR [--config FILE] [--seconds N]`: records what an estate's endpoints say, as a golden
 * scenario's `observations.jsonl.gz`. Break something in the lab while it runs. Ends after N seconds or with Ctrl-C.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { OWN_LOAD } from '#lib/model/reading.ts';
import { configPath, loadConfig } from '#server/config/load.ts';
import type { Observation } from '#server/model/observation.ts';
import { startWatch } from '#server/runtime/watch.ts';
import { sourcesOf } from '#server/sources/registry.ts';

const { values } = parseArgs({
  options: { config: { type: 'string' }, out: { type: 'string' }, seconds: { type: 'string', default: '60' } },
});
if (values.out === undefined) {
  process.stderr.write('Usage: npm run record -- --out DIR [--config FILE] [--seconds N]\n');
  process.exit(1);
}
const out = values.out;
const config = loadConfig(configPath(values.config));
const hosts = Object.fromEntries(Object.entries(config.hosts).map(([id, address]) => [id, { id, address }]));
const clock = () => Date.now();
const observations: Observation[] = [];
const watch = startWatch({
  ...{ hosts, sources: sourcesOf(config, clock), clock, notice: () => [], publish: () => undefined },
  // What Trellis itself asks is not part of a scenario.
  onObservation: (one) => one.reading !== OWN_LOAD && observations.push(one),
});

function finish(): void {
  watch.stop();
  mkdirSync(out, { recursive: true });
  const lines = observations.map((one) => JSON.stringify(one)).join('\n');
  writeFileSync(join(out, 'observations.jsonl.gz'), gzipSync(`${lines}\n`, { level: 9 }));
  process.stdout.write(`${observations.length} observations in ${join(out, 'observations.jsonl.gz')}\n`);
  process.exit(0);
}

setTimeout(finish, Number(values.seconds) * 1_000);
process.on('SIGINT', finish);
process.on('SIGTERM', finish);
