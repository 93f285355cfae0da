/** What a fault of the detect bench is made of. */
import type { Lab } from '#lab/control.ts';
import type { MemberId } from '#lab/layout.ts';
import { memberProcesses, signal } from '#lab/processes.ts';
import type { LabContext } from '#lab/roles/role.ts';
import type { View } from './live-stream.ts';
import type { Signal } from './signal.ts';

/** What the page shows of a fault, for the observer inside the page. */
export type PageSight =
  | { readonly kind: 'card-not-ok'; readonly name: string }
  | { readonly kind: 'timeline'; readonly code: string }
  | { readonly kind: 'serving-changes'; readonly proxy: string; readonly backend: string };

/** A fault that is ready to be sent: its witnesses listen. */
export type Armed = {
  /** Who is hit. */
  readonly target: string;
  readonly send: () => void | Promise<void>;
  /** The backend's own signals, by name. */
  readonly signals: Readonly<Record<string, Signal>>;
  /** What must become visible in Trellis's stream, by name. */
  readonly sights: Readonly<Record<string, (view: View) => boolean>>;
  readonly page: PageSight;
  /** Ends the witnesses and undoes what the lab's `up` does not undo. */
  readonly disarm: () => Promise<void>;
};

/** A number to print: from a signal, or from the fault itself, to a sight. */
export type Pair = {
  readonly metric: string;
  /** `fault`, or the name of a signal. */
  readonly from: string;
  readonly sight: string;
  readonly targetMs: number | null;
  readonly against: string;
};

/** One fault. */
export type Fault = {
  readonly name: string;
  /** How long to wait for signals and sights. */
  readonly limitMs: number;
  readonly pairs: readonly Pair[];
  /** What the page's one run is held against. */
  readonly page: { readonly from: string; readonly targetMs: number };
  /** Chooses a target for the n-th run and sets the witnesses up. */
  readonly arm: (bench: FaultBench, run: number) => Promise<Armed>;
};

/** What a fault may use. */
export type FaultBench = { readonly lab: Lab; readonly context: LabContext; readonly view: () => View };

/**
 * Sends a signal to all processes of a member. Not through the lab's supervisor: its way through a socket and /proc would
 * count as detection time.
 */
export function signalMember(lab: Lab, id: MemberId, name: NodeJS.Signals): () => void {
  const processes = memberProcesses(lab.paths.root, [id]);
  if (processes.length === 0) throw new Error(`${id} does not run`);
  return () => {
    for (const { pid } of processes) signal(pid, name);
  };
}
