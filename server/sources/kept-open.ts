/** A connection that is kept open between probes because the server pushes over it; opened again after every loss. */
import { type Answer, ProbeError, type PushReport } from './source.ts';

const REOPEN_MS = 1_000;

/** How one kind of connection is opened, read and released. */
export type Connector<T> = {
  /** The reading that the connection feeds: told at once when it opens or ends, asked in between. */
  reading: { name: string; intervalMs: number };
  /**
   * Opens it. `lost` is to be called once it has ended by itself, with an error that `probeFailure` can name.
   * Must leave nothing open when it throws.
   */
  open(report: PushReport, lost: (cause: unknown) => void): Promise<T>;
  /** Ends it without waiting for the other side. */
  release(connection: T): void;
  /** What the open connection has told so far. */
  answer(connection: T): Answer;
};

export type KeptOpen<T> = {
  /** Opens the connection and keeps it up until `close`. */
  subscribe(report: PushReport): void;
  /**
   * Has the connection answer `question`, and returns what it has told. One that is just being made is waited for.
   * @throws the reason why there is no connection, or what `question` throws
   */
  ask(question: (connection: T) => Promise<unknown>): Promise<Answer>;
  /** Gives up the connection that is open now; another is opened. */
  drop(cause: unknown): void;
  close(): void;
};

/** Keeps one connection open. */
export function keepOpen<T>(connector: Connector<T>): KeptOpen<T> {
  const { reading } = connector;
  let current: { connection: T; lost: (cause: unknown) => void } | null = null;
  let failure: unknown = new ProbeError('refused', 'not connected yet');
  /** The newest attempt; it never rejects. */
  let opening: Promise<void> | null = null;
  let reopening: NodeJS.Timeout | undefined;
  let wasLost = false;
  let closed = false;

  async function attempt(report: PushReport): Promise<void> {
    let ended: { cause: unknown } | null = null;
    const lost = (cause: unknown) => {
      ended ??= { cause };
      if (current?.lost !== lost) return;
      current = null;
      failure = cause;
      wasLost = true;
      report.tell(reading, { error: cause });
      report.hurry();
      retry(report);
    };
    try {
      const connection = await connector.open(report, lost);
      if (closed || ended !== null) connector.release(connection);
      if (closed) return;
      if (ended !== null) throw (ended as { cause: unknown }).cause;
      current = { connection, lost };
      report.tell(reading, connector.answer(connection));
      // What was missed meanwhile is read from the system itself.
      if (wasLost) report.hurry();
      wasLost = false;
    } catch (error) {
      failure = error;
      retry(report);
    }
  }

  function begin(report: PushReport): void {
    opening = attempt(report);
  }

  function retry(report: PushReport): void {
    if (!closed) reopening = setTimeout(() => begin(report), REOPEN_MS);
  }

  return {
    subscribe: begin,
    async ask(question) {
      if (current === null) await opening;
      if (current === null) throw failure;
      const { connection } = current;
      await question(connection);
      return connector.answer(connection);
    },
    drop(cause) {
      const dropped = current;
      if (dropped === null) return;
      dropped.lost(cause);
      connector.release(dropped.connection);
    },
    close() {
      closed = true;
      clearTimeout(reopening);
      const last = current;
      current = null;
      if (last !== null) connector.release(last.connection);
    },
  };
}
