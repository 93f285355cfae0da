/** What Celery's own events tell: workers by their heartbeats, and how well Trellis takes the events in. Times are epoch ms. */

/** A worker as its events tell it; the same id as in `workers`, which RabbitMQ tells. */
export type CeleryWorker = {
  /** Celery's node name, `celery@host-1`. */
  id: string;
  host: string | null;
  /** When its newest heartbeat arrived, by Trellis's clock; null = never since Trellis knows it. */
  heartbeatAt: number | null;
  /** How often it promises one. */
  heartbeatEveryMs: number | null;
  /** `offline` = said good-bye; `silent` = its heartbeats stopped. */
  state: 'online' | 'offline' | 'silent';
  /** Since when it is in this state. */
  since: number;
  pid: number | null;
  active: number | null;
  processed: number | null;
  loadAverage: readonly number[] | null;
  /** `py-celery 5.2.6`. */
  software: string | null;
  system: string | null;
  /** How far its clock is from Trellis's, positive = ahead; null = not told. */
  clockSkewMs: number | null;
  /** It sends task events (`-E`); null until it did something that would show it. */
  sendsTaskEvents: boolean | null;
  /** Tasks that it accepted and of which Trellis saw no event, since this process of it started. */
  missedTasks: number;
  by: string;
};

/** How events are kept for Trellis while it is away, the safest first. */
export const EVENT_QUEUE_MODES = ['quorum', 'mirrored', 'stream', 'exclusive'] as const;
export type EventQueueMode = (typeof EVENT_QUEUE_MODES)[number];

/** Why an event was not taken. */
export const EVENT_REJECTIONS = ['not-json', 'wrong-shape', 'unknown-type', 'too-large', 'no-id'] as const;
export type EventRejection = (typeof EVENT_REJECTIONS)[number];

/** The intake of events: one a process. */
export type Ingest = {
  /** The queue's name. */
  id: string;
  mode: EventQueueMode | null;
  /** Why not a safer mode; null = it is the safest, or the one asked for. */
  modeReason: string | null;
  /** What this mode can lose, in a sentence. */
  canLose: string;
  state: 'connecting' | 'consuming' | 'disconnected' | 'storing-fails';
  since: number;
  /** The address it consumes from; null while it is not connected. */
  via: string | null;
  /** What is wrong and what helps; null while all is well. */
  problem: string | null;
  /** Since this process started. */
  received: number;
  rejected: Readonly<Partial<Record<EventRejection, number>>>;
  redelivered: number;
  /** Events whose clock was too far ahead and was set back. */
  skewed: number;
  /** Received and not yet stored. */
  pending: number;
  /** In the queue, by the broker; null = not told. */
  lagMessages: number | null;
  /** Age of the newest stored event. */
  lagMs: number | null;
  eventsPerSecond: number;
  /** Starts that Trellis never saw, of all workers. */
  missedTasks: number;
  /** Tasks whose end was found in the result store. */
  backfilled: number;
  orphaned: number;
  by: string;
};
