/**
 * The hub: from models to server-sent events for any number of browsers. Every text is made once for all clients.
 * A client that does not read gets no queue: once it reads again it gets one fresh snapshot.
 */
import type { RunEvent } from '#lib/contract/drills.ts';
import {
  type ByeEvent,
  type SnapshotEvent,
  STREAM_PROTOCOL,
  type StreamSecond,
  THROUGHPUT_KEPT,
  THROUGHPUT_SENT,
} from '#lib/contract/stream.ts';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import type { Run } from '#lib/model/drill.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { diff, isEmptyPatch } from '#lib/model/patch.ts';
import { addSample, figuresOf, NO_SAMPLES, SAMPLE_INTERVAL_MS, type Samples } from '#lib/model/samples.ts';
import type { Transition } from '#lib/model/transition.ts';
import type { TimerClock } from '#server/runtime/clock.ts';

/** Where one client's events go. */
export type Sink = {
  /** Takes a text. False = the client does not keep up: nothing more is sent until `drained` is called. */
  write(text: string): boolean;
  close(): void;
};

export type Client = {
  /** The client has read what it was sent. */
  drained(): void;
  /** The client went away. */
  leave(): void;
};

export type Hub = {
  /** The newest model; transitions leave at once, changes as soon as the patch rate allows. */
  publish(model: Model, transitions: readonly Transition[]): void;
  /** Puts transitions from before this process, oldest first, in front of the timeline. */
  remember(earlier: readonly Transition[]): void;
  /** One more second of throughput; sent at once. */
  throughput(second: ThroughputSecond): void;
  /** A drill's run as it is now; sent at most as often as patches, the newest always. */
  publishRun(run: Run): void;
  /** Adds a client; `lastEventId` as its browser remembers it. */
  join(sink: Sink, lastEventId: string | null): Client;
  readonly clients: number;
  readonly revision: number;
  /** The newest transitions, oldest first. */
  readonly timeline: readonly Transition[];
  readonly samples: Samples;
  /** The last hour of throughput, oldest first. */
  readonly seconds: readonly ThroughputSecond[];
  /** The newest of them, as a snapshot carries them. */
  readonly newestSeconds: readonly StreamSecond[];
  /** Says good-bye to every client and closes the streams. */
  close(): void;
};

/** At most one patch in this time, except after quiet and with a transition. */
const PATCH_INTERVAL_MS = 250;
/** A browser that hears nothing for a few of these knows that the stream is dead. */
const HEARTBEAT_MS = 5_000;
/** Bound of what is kept for browsers that resume. */
const RING_EVENTS = 500;
const RING_CHARACTERS = 4_000_000;
/** Transitions that a snapshot carries. */
const TIMELINE_LENGTH = 200;

/** Of a fault that moves thousands of queues this many are told to browsers. */
const MANY_OF_ONE = 50;

type Sent = { rev: number; text: string };
/** A client; `rev` is the last revision that it was sent, `behind` that it has not read what it has. */
type Member = { sink: Sink; behind: boolean; rev: number; runs: number };

/** A hub for one process; `instance` tells its revisions from those of any other. */
export function createHub(instance: string, estate: { name: string; colour: string }, clock: TimerClock): Hub {
  const members = new Map<object, Member>();
  const ring: Sent[] = [];
  let ringCharacters = 0;
  let timeline: Transition[] = [];
  let current = emptyModel();
  let sent = current;
  let rev = 0;
  let patchedAt = Number.NEGATIVE_INFINITY;
  let cancelFlush: (() => void) | null = null;
  let snapshot: Sent | null = null;
  let samples = NO_SAMPLES;
  let seconds: ThroughputSecond[] = [];
  let run: Run | null = null;
  let ranAt = Number.NEGATIVE_INFINITY;
  /** How often a run was told of. */
  let runs = 0;
  let cancelRun: (() => void) | null = null;
  let cancelSample = () => {};
  let cancelHeartbeat = () => {};
  let closed = false;

  function beat(): void {
    cancelHeartbeat = clock.after(HEARTBEAT_MS, () => {
      broadcast(eventText('heartbeat', { now: clock.now() }, null));
      beat();
    });
  }

  function sampleOften(): void {
    cancelSample = clock.after(SAMPLE_INTERVAL_MS, () => {
      const at = clock.now();
      const figures = figuresOf(current, at);
      if (Object.keys(figures).length > 0) {
        samples = addSample(samples, at, figures);
        broadcast(nextEvent('sample', (next) => ({ rev: next, at, figures })));
      }
      sampleOften();
    });
  }

  function broadcast(text: string): void {
    for (const member of members.values()) {
      if (member.behind) continue;
      member.rev = rev;
      member.runs = runs;
      member.behind = !member.sink.write(text);
    }
  }

  /** Makes the next event and keeps it for those who resume; the caller sends it. */
  function nextEvent(event: string, data: (rev: number) => object): string {
    rev += 1;
    const text = eventText(event, data(rev), `${instance}-${rev}`);
    ring.push({ rev, text });
    ringCharacters += text.length;
    while (ring.length > RING_EVENTS || ringCharacters > RING_CHARACTERS)
      ringCharacters -= ring.shift()?.text.length ?? 0;
    return text;
  }

  /** The patch that is due, as text; empty when nothing changed. */
  function takePatch(): string {
    cancelFlush?.();
    cancelFlush = null;
    const patch = diff(sent, current);
    if (isEmptyPatch(patch)) return '';
    sent = current;
    patchedAt = clock.now();
    return nextEvent('patch', (next) => ({ base: next - 1, rev: next, now: clock.now(), ...patch }));
  }

  function flush(): void {
    const text = takePatch();
    if (text !== '') broadcast(text);
  }

  function sendRun(): void {
    cancelRun = null;
    if (run === null) return;
    ranAt = clock.now();
    runs += 1;
    broadcast(runText());
  }

  /** Not kept for those who resume: it is whole and large, and whoever comes is told it anew. */
  function runText(): string {
    return run === null ? '' : eventText('run', { rev, run } satisfies RunEvent, null);
  }

  /** What a snapshot carries beside its revision. */
  function whole(): Omit<SnapshotEvent, 'rev'> {
    return {
      now: clock.now(),
      model: sent,
      transitions: timeline,
      samples,
      throughput: newestSeconds(),
    };
  }

  function newestSeconds(): StreamSecond[] {
    return seconds.slice(-THROUGHPUT_SENT).map(sentSecond);
  }

  function snapshotText(): string {
    if (snapshot?.rev !== rev) {
      const data = { rev, ...whole() };
      snapshot = { rev, text: eventText('snapshot', data, `${instance}-${rev}`) };
    }
    return snapshot.text;
  }

  function missedBy(lastEventId: string | null): string | null {
    const [, from, at] = /^(.+)-(\d+)$/.exec(lastEventId ?? '') ?? [];
    if (from !== instance) return null;
    const seen = Number(at);
    if (seen === rev) return '';
    if (seen > rev || (ring[0]?.rev ?? Number.POSITIVE_INFINITY) > seen + 1) return null;
    return ring
      .filter((one) => one.rev > seen)
      .map((one) => one.text)
      .join('');
  }

  beat();
  sampleOften();
  return {
    publish(model, transitions) {
      if (closed) return;
      current = model;
      const waitMs = patchedAt + PATCH_INTERVAL_MS - clock.now();
      if (transitions.length === 0) {
        if (waitMs <= 0) flush();
        else cancelFlush ??= clock.after(waitMs, flush);
        return;
      }
      // One write for all of it: a fault that moves hundreds of queues must not cost a thousand clients as many writes.
      let text = takePatch();
      const told = fewOfEach(transitions);
      for (const transition of told) {
        text += nextEvent('transition', (next) => ({ ...transition, rev: next }));
      }
      timeline = [...timeline, ...told].slice(-TIMELINE_LENGTH);
      broadcast(text);
    },
    remember(earlier) {
      if (closed || earlier.length === 0) return;
      timeline = [...earlier, ...timeline].slice(-TIMELINE_LENGTH);
      // No other event carries the past; this happens once, soon after the start.
      const patch = takePatch();
      broadcast(patch + nextEvent('snapshot', (next) => ({ rev: next, ...whole() })));
    },
    throughput(second) {
      if (closed) return;
      seconds.push(second);
      // Cut now and then: a shift of thousands every second is not free.
      if (seconds.length > THROUGHPUT_KEPT + THROUGHPUT_SENT) seconds = seconds.slice(-THROUGHPUT_KEPT);
      broadcast(nextEvent('throughput', (next) => ({ rev: next, second: sentSecond(second) })));
    },
    publishRun(next) {
      if (closed) return;
      run = next;
      const waitMs = ranAt + PATCH_INTERVAL_MS - clock.now();
      if (waitMs > 0) cancelRun ??= clock.after(waitMs, sendRun);
      else if (cancelRun === null) sendRun();
    },
    join(sink, lastEventId) {
      const hello = { protocol: STREAM_PROTOCOL, instance, estate, now: clock.now() };
      const head = `retry: 1000\n${eventText('hello', hello, null)}`;
      const key = {};
      if (closed) {
        sink.close();
        return { drained() {}, leave() {} };
      }
      const member: Member = { sink, behind: false, rev, runs };
      members.set(key, member);
      // The run comes last: its end must reach those, too, who were away when it was told.
      if (!sink.write(head + (missedBy(lastEventId) ?? snapshotText()) + runText())) member.behind = true;
      return {
        drained() {
          if (!member.behind || !members.has(key)) return;
          // A text larger than the client's buffer makes every client look slow for a moment; it has missed nothing.
          const missed = (member.rev === rev ? '' : snapshotText()) + (member.runs === runs ? '' : runText());
          member.rev = rev;
          member.runs = runs;
          member.behind = missed !== '' && !sink.write(missed);
        },
        leave: () => void members.delete(key),
      };
    },
    get clients() {
      return members.size;
    },
    get revision() {
      return rev;
    },
    get timeline() {
      return timeline;
    },
    get samples() {
      return samples;
    },
    get seconds() {
      return seconds.slice(-THROUGHPUT_KEPT);
    },
    get newestSeconds() {
      return newestSeconds();
    },
    close() {
      if (closed) return;
      closed = true;
      cancelFlush?.();
      cancelRun?.();
      cancelHeartbeat();
      cancelSample();
      const bye = eventText('bye', { reason: 'shutdown' } satisfies ByeEvent, null);
      for (const member of members.values()) {
        if (!member.behind) member.sink.write(bye);
        member.sink.close();
      }
      members.clear();
    },
  };
}

function sentSecond({ names, queues, ...second }: ThroughputSecond): StreamSecond {
  return second;
}

/** All of them, unless they are more than a timeline holds: then the newest of each kind. The history has every one. */
function fewOfEach(transitions: readonly Transition[]): readonly Transition[] {
  if (transitions.length <= TIMELINE_LENGTH) return transitions;
  const byCode = Map.groupBy(transitions, ({ code }) => code);
  const kept = new Set([...byCode.values()].flatMap((group) => group.slice(-MANY_OF_ONE)));
  return transitions.filter((one) => kept.has(one));
}

function eventText(event: string, data: object, id: string | null): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
