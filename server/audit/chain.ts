/** Follows the chain of hashes from entry to entry and tells what does not fit. */
import type { AuditEntry, ChainProblem } from '#lib/contract/audit.ts';
import { FIRST_PREVIOUS, hashOf } from './entry-hash.ts';

/** How many entries there are, and the hash of the last: kept beside the entries, so that a cut tail is seen. */
export type Head = { count: number; hash: string };

/** An entry as it stands in the file; details that are no JSON any more are told as null. */
export type ChainLink = { entry: AuditEntry; isReadable: boolean };

export type ChainCheck = {
  /** The next entry in the order of `seq`. */
  take(link: ChainLink): void;
  /** Compares with the head; `hashAt` is the stored hash of the entry with that number. null = there is no head. */
  end(head: Head | null, hashAt: (seq: number) => string | null): void;
  readonly upTo: number;
  readonly hash: string;
  readonly problems: readonly ChainProblem[];
};

/** More are not told: where one entry is wrong, people look at all. */
const PROBLEMS_MAX = 20;

/** A check that begins before the first entry. */
export function createChainCheck(): ChainCheck {
  let upTo = 0;
  let hash = FIRST_PREVIOUS;
  let inChain: ChainProblem[] = [];
  let atHead: ChainProblem[] = [];

  function report(fault: ChainProblem['fault'], seq: number, text: string): void {
    if (inChain.length < PROBLEMS_MAX) inChain = [...inChain, { fault, seq, text }];
  }

  return {
    take({ entry, isReadable }) {
      const { seq } = entry;
      const gap = seq - upTo - 1;
      if (gap > 0)
        report(
          'missing',
          upTo + 1,
          gap === 1 ? `entry ${seq - 1} is missing` : `entries ${upTo + 1} to ${seq - 1} are missing`,
        );
      else if (entry.previous !== hash)
        report('broken-link', seq, `entry ${seq} does not follow on the one before it: one of the two was put there`);
      if (!isReadable || hashOf(entry) !== entry.hash) report('changed', seq, `entry ${seq} was changed`);
      upTo = seq;
      hash = entry.hash;
    },
    end(head, hashAt) {
      atHead = headProblems(head, upTo, hashAt);
    },
    get upTo() {
      return upTo;
    },
    get hash() {
      return hash;
    },
    get problems() {
      return [...inChain, ...atHead];
    },
  };
}

/** A head that is behind is no fault: Trellis may have been killed between the entry and the head. */
function headProblems(head: Head | null, last: number, hashAt: (seq: number) => string | null): ChainProblem[] {
  if (head === null) {
    if (last === 0) return [];
    return [
      {
        fault: 'head-missing',
        seq: last,
        text: `the head is gone: what was cut off after entry ${last} cannot be told`,
      },
    ];
  }
  if (head.count > last) {
    const text = `the tail is cut: there were ${head.count} entries, now the last is ${last}`;
    return [{ fault: 'tail-cut', seq: last + 1, text }];
  }
  if (head.count === 0 || hashAt(head.count) === head.hash) return [];
  return [{ fault: 'head-differs', seq: head.count, text: `entry ${head.count} is not the one that the head knows` }];
}
