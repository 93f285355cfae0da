'use client';
/** Why the reader may start no drill, or only some of them. */
import { ActionRefusals } from '#components/live/action-button.tsx';
import { useMay } from '#components/live/use-may.ts';
import type { ActionId } from '#lib/permissions.ts';

const STARTS = ['drill.run', 'drill.force'] as const satisfies readonly ActionId[];

/** Said once on top; nothing where some may be started. */
export function MayNotDrill() {
  const [most, forced] = [useMay('drill.run'), useMay('drill.force')];
  if (most.may || forced.may || most.why === null) return null;
  return (
    <div data-may-not className="rounded-md border border-dashed border-line p-2.5">
      <p className="text-[12px] font-semibold">You may look at plans and reports, and start nothing.</p>
      <ActionRefusals actions={STARTS} />
    </div>
  );
}

/** Said in the catalog; nothing where all may be started, or none. */
export function MayNotDrillAll() {
  const [most, forced] = [useMay('drill.run'), useMay('drill.force')];
  return most.may || forced.may ? <ActionRefusals actions={STARTS} /> : null;
}
