/** What Flower's dialect stands on; the running Trellis has it all. */
import type { Hands } from '#server/commands/hands.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { GateContext } from '#server/http/pass-gate.ts';
import type { Ingest } from '#server/ingest/ingest.ts';
import type { Watch } from '#server/runtime/watch.ts';
import { FlowerError, UNAVAILABLE } from './text.ts';

/** As much of Trellis's hands as Flower needs. */
export type FlowerHands = Pick<Hands, 'control' | 'publisher' | 'inspections' | 'results' | 'origin'>;

export type FlowerContext = GateContext & {
  tasks: TaskReader | null;
  watch: Pick<Watch, 'model'>;
  ingest: Pick<Ingest, 'metrics'> | null;
  /** null = there are no credentials to act with. */
  hands: FlowerHands | null;
  clock: () => number;
  /** The section of trellis.yaml. */
  flower: { writes: boolean };
};

/** The hands. @throws FlowerError 503 where there are none */
export function handsOf({ hands }: Pick<FlowerContext, 'hands'>): FlowerHands {
  if (hands === null) throw new FlowerError(503, UNAVAILABLE);
  return hands;
}
