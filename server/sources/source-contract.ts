/**
 * The contract battery: what every source owes, whatever it reads. Each source runs it through a thin harness, against
 * loopback servers that serve what was recorded from real ones and then break in every way that their protocol knows.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { KINDS } from '#lib/model/model.ts';
import { type ProbeCode, readingKey } from '#lib/model/reading.ts';
import type { Latest } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import { type FaultServer, PLANTED } from './fault-server.ts';
import { FIXTURE_CONTEXT } from './fixture.ts';
import { takeReading } from './scheduler.ts';
import type { Endpoint, Probe, Source } from './source.ts';

export type SourceHarness = {
  /** The system and the version that was recorded. */
  title: string;
  /** A healthy server with the recorded answers. */
  serve(): Promise<FaultServer>;
  /** The source, configured with the planted secrets for one server at `address:port`. */
  open(address: string): Source;
  /** Readings that are asked of that server; all of them unless told. Those that a subscription feeds are not. */
  asks?(endpointId: string, reading: string): boolean;
  /** Each fault that the server can have, and the code that every reading must then end with. */
  faults: Readonly<Record<string, ProbeCode>>;
  /** By fault and reading: where an answer that refuses others is one that this reading understands. */
  exceptions?: Readonly<Record<string, Readonly<Record<string, ProbeCode | 'ok'>>>>;
  /** The pool of the built-in fetch keeps idle connections for a few seconds, for the process rather than the endpoint. */
  poolsIdle: boolean;
};

/** Enough for anything on the loopback of a busy machine. */
const AMPLE_MS = 10_000;
/** The deadline where nothing is going to answer. */
const SHORT_MS = 60;
/** What a reading may take beyond its deadline, or an abort until it is obeyed. */
const GRACE_MS = 1_500;

type Asked = { endpoint: Endpoint; probe: Probe };

/** Declares the battery's tests for one source. */
export function sourceContract(harness: SourceHarness): void {
  describe(`${harness.title}: a source`, () => {
    test('reads everything that was recorded, makes entities of it, and writes nothing', async () => {
      const { server, source, probes } = await setUp(harness);
      const observations = await readAll(source, probes, AMPLE_MS);
      expect(failures(observations)).toEqual([]);
      const slice = source.reduce(observations.map(latestOf), FIXTURE_CONTEXT);
      expect(KINDS.reduce((sum, kind) => sum + Object.keys(slice[kind] ?? {}).length, 0)).toBeGreaterThan(0);
      expect(server.asked.length).toBeGreaterThanOrEqual(probes.length);
      expect(server.writes()).toEqual([]);
    });

    test.each(Object.entries(harness.faults))('%s: fails as %s, and recovers by itself', async (fault, code) => {
      const { server, source, probes } = await setUp(harness);
      const isHang = code === 'timeout';
      // Once on a fresh connection, and once on one that has already worked.
      for (const _round of code === 'too-large' ? ['fresh'] : ['fresh', 'worked before']) {
        server.fault = fault;
        const startedAt = performance.now();
        // Heavy answers come one after the other: all at once they would take longer than a member of a cluster has.
        const read = code === 'too-large' ? readInTurn : readAll;
        const broken = await read(source, probes, isHang ? SHORT_MS : AMPLE_MS);
        const tookMs = performance.now() - startedAt;
        expect(codes(broken)).toEqual(probes.map(({ probe }) => harness.exceptions?.[fault]?.[probe.name] ?? code));
        expect(tookMs).toBeLessThan((isHang ? SHORT_MS : AMPLE_MS / 2) + GRACE_MS);
        expectNoSecrets(broken);
        server.fault = null;
        expect(failures(await readAll(source, probes, AMPLE_MS))).toEqual([]);
        await within(GRACE_MS, server.noneLeft('busy'), 'a socket of a failed reading to be given up');
      }
      expect(server.writes()).toEqual([]);
    });

    test('nobody listening: fails as refused, and recovers when somebody does', async () => {
      const { server, source, probes } = await setUp(harness);
      await server.stop();
      const broken = await readAll(source, probes, AMPLE_MS);
      expect(codes(broken)).toEqual(probes.map(() => 'refused'));
      expectNoSecrets(broken);
      await server.start();
      expect(failures(await readAll(source, probes, AMPLE_MS))).toEqual([]);
      await server.stop();
      const again = await readAll(source, probes, AMPLE_MS);
      expect(again.filter((one) => one.ok)).toEqual([]);
      await server.start();
      expect(failures(await readAll(source, probes, AMPLE_MS))).toEqual([]);
    });

    test('a name that nobody knows: fails as name-unknown', async () => {
      const { source, probes } = probesOf(harness, 'nobody.invalid:15672');
      const broken = await readAll(source, probes, AMPLE_MS);
      expect(codes(broken)).toEqual(probes.map(() => 'name-unknown'));
    });

    test('an abort ends a reading at once, and its connection', async () => {
      const { server, source, probes } = await setUp(harness);
      for (const fault of ['silent', 'no-answer']) {
        for (const one of probes) {
          server.fault = fault;
          const stopping = new AbortController();
          const arrived = server.nextQuestion();
          const reading = readOne(source, one, AMPLE_MS, stopping.signal);
          await within(AMPLE_MS, arrived, 'the question');
          stopping.abort();
          const observation = await within(GRACE_MS, reading, 'the aborted reading');
          expect(codes([observation])).toEqual(['aborted']);
          await within(GRACE_MS, server.noneLeft('busy'), 'the connection of an aborted reading to be given up');
          server.fault = null;
          expect(failures([await readOne(source, one, AMPLE_MS)])).toEqual([]);
        }
      }
    });

    test('a reading that is aborted before it begins asks nothing', async () => {
      const { server, source, probes } = await setUp(harness);
      const before = server.asked.length;
      for (const one of probes) {
        const reading = readOne(source, one, AMPLE_MS, AbortSignal.abort());
        expect(codes([await within(GRACE_MS, reading, 'a reading aborted beforehand')])).toEqual(['aborted']);
      }
      expect(server.asked.length).toBe(before);
    });

    test('two questions at once to one endpoint do not disturb each other', async () => {
      const { source, probes } = await setUp(harness);
      const twice = await Promise.all([readAll(source, probes, AMPLE_MS), readAll(source, probes, AMPLE_MS)]);
      expect(failures(twice.flat())).toEqual([]);
    });

    test('an idle connection does not outlive close()', async () => {
      const { server, source, probes } = await setUp(harness);
      await readAll(source, probes, AMPLE_MS);
      for (const { endpoint } of probes) endpoint.close();
      await within(GRACE_MS, server.noneLeft(harness.poolsIdle ? 'busy' : 'open'), 'idle connections to be closed');
    });

    test.each(['silent', 'no-answer'])('no connection outlives close() (fault: %s)', async (fault) => {
      const { server, source, probes } = await setUp(harness);
      await readAll(source, probes, AMPLE_MS);
      server.fault = fault;
      const stopping = new AbortController();
      const arrived = server.nextQuestion();
      const under = probes.map((one) => readOne(source, one, AMPLE_MS, stopping.signal));
      await within(AMPLE_MS, arrived, 'a question');
      stopping.abort();
      for (const endpoint of new Set(probes.map((one) => one.endpoint))) endpoint.close();
      await Promise.all(under);
      await within(GRACE_MS, server.noneLeft(harness.poolsIdle ? 'busy' : 'open'), 'all connections to be closed');
    });
  });
}

/** A server, and a source that reads it. */
export type Ready = { server: FaultServer; source: Source; probes: Asked[] };

/** Starts a server and opens the source on it, until the test has finished. */
export async function setUp(harness: SourceHarness): Promise<Ready> {
  const server = await harness.serve();
  onTestFinished(() => server.stop());
  return { server, ...probesOf(harness, server.address) };
}

function probesOf(harness: SourceHarness, address: string): Omit<Ready, 'server'> {
  const source = harness.open(address);
  onTestFinished(() => {
    for (const endpoint of source.endpoints) endpoint.close();
  });
  const probes = source.endpoints
    .flatMap((endpoint) => endpoint.probes.map((probe) => ({ endpoint, probe })))
    .filter(({ endpoint, probe }) => harness.asks?.(endpoint.id, probe.name) ?? true);
  expect(probes.length).toBeGreaterThan(0);
  return { source, probes };
}

function readOne(source: Source, one: Asked, timeoutMs: number, stopping = new AbortController().signal) {
  return takeReading(source.kind, one.endpoint.id, { ...one.probe, timeoutMs }, stopping, Date.now);
}

/** All probes together, as the scheduler has them run. */
export function readAll(source: Source, probes: readonly Asked[], timeoutMs: number): Promise<Observation[]> {
  return Promise.all(probes.map((one) => readOne(source, one, timeoutMs)));
}

async function readInTurn(source: Source, probes: readonly Asked[], timeoutMs: number): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const one of probes) observations.push(await readOne(source, one, timeoutMs));
  return observations;
}

function codes(observations: readonly Observation[]): string[] {
  return observations.map((one) => (one.ok ? 'ok' : one.code));
}

function failures(observations: readonly Observation[]): string[] {
  return observations.flatMap((one) => (one.ok ? [] : [`${one.endpoint} ${one.reading}: ${one.code} ${one.message}`]));
}

function expectNoSecrets(observations: readonly Observation[]): void {
  const basic = Buffer.from(`${PLANTED.user}:${PLANTED.password}`).toString('base64');
  for (const text of failures(observations)) {
    for (const secret of [PLANTED.password, PLANTED.token, PLANTED.foreign, basic]) expect(text).not.toContain(secret);
  }
}

function latestOf(observation: Observation): Latest {
  const { source, endpoint, reading: name, intervalMs, at, tookMs } = observation;
  const key = readingKey(source, endpoint, name);
  const { via = null, lacks = null } = observation;
  const reading = { key, source, endpoint, name, intervalMs, at, tookMs, via, lacks, failure: null };
  return { reading, data: observation.ok ? observation.data : null };
}

async function within<T>(limitMs: number, work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`waited ${limitMs} ms for ${what}`)), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
