'use client';
/** Why the reader may start no drill, said once on top. */
import { ActionRefusals } from '#components/live/action-button.tsx';
import { useMay } from '#components/live/use-may.ts';

export function MayNotDrill() {
  const { may, why } = useMay('drill.run');
  if (may || why === null) return null;
  return (
    <div data-may-not className="rounded-md border border-dashed border-line p-2.5">
      <p className="text-[12px] font-semibold">You may look at plans and reports, and start nothing.</p>
      <ActionRefusals actions={['drill.run']} />
    </div>
  );
}
