/** Questions that any member of a cluster can answer: asked of one at a time, so that the cluster is asked once. */
import type { Answer } from './source.ts';
import { ProbeError } from './source.ts';

export type Rotation<M> = {
  /**
   * Asks the member that answered last, then the others in turn: a dead member costs one short try, not the reading.
   * @throws the last member's failure
   */
  askAny(signal: AbortSignal, ask: (member: M, signal: AbortSignal) => Promise<unknown>): Promise<Answer>;
  /** The next question goes to this member first: it is known to have the news. */
  prefer(index: number): void;
};

/** A rotation over members, each given `memberTimeoutMs` to answer. */
export function createRotation<M extends { name: string }>(
  members: readonly M[],
  memberTimeoutMs: number,
): Rotation<M> {
  let preferred = 0;
  return {
    prefer(index) {
      preferred = index % Math.max(1, members.length);
    },
    async askAny(signal, ask) {
      let failure: unknown = new ProbeError('internal', 'nobody to ask');
      for (let turn = 0; turn < members.length; turn++) {
        const index = (preferred + turn) % members.length;
        const member = members[index] as M;
        try {
          const data = await ask(member, AbortSignal.any([signal, AbortSignal.timeout(memberTimeoutMs)]));
          preferred = index;
          return { data, via: member.name };
        } catch (error) {
          if (signal.aborted) {
            // The time for all ran out here: the next question begins behind the members that hang.
            preferred = (index + 1) % members.length;
            throw error;
          }
          failure = error;
        }
      }
      throw failure;
    },
  };
}
