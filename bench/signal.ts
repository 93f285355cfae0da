/** The first moment at which a witness saw something. */
import { epochMs } from './clock.ts';

/** Starts unseen; the first mark counts. */
export class Signal {
  #at: number | null = null;
  #resolve: (() => void) | undefined;
  readonly #seen: Promise<void>;

  constructor() {
    this.#seen = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Epoch milliseconds; `null` while unseen. */
  get at(): number | null {
    return this.#at;
  }

  /** It is seen now. */
  mark(): void {
    if (this.#at !== null) return;
    this.#at = epochMs();
    this.#resolve?.();
  }

  /** Waits until it is seen, `limitMs` at the most. */
  async wait(limitMs: number): Promise<number | null> {
    let limit: NodeJS.Timeout | undefined;
    await Promise.race([
      this.#seen,
      new Promise<void>((resolve) => {
        limit = setTimeout(resolve, limitMs);
      }),
    ]);
    clearTimeout(limit);
    return this.#at;
  }
}
