'use client';
/** The last step before a drill begins: the name typed, a reason, and everything that still stands against it. */
import { useRouter } from 'next/navigation';
import { useMay } from '#components/live/use-may.ts';
import { ActionForm } from '#components/ui/action-form.tsx';
import { isClear, PLAN_EXPIRES_MS } from '#lib/format/drill-plan.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { DrillInfo, DrillPlan } from '#lib/model/drill.ts';
import { startActionOf } from '#lib/permissions.ts';
import { routes, runRoute } from '#lib/routes.ts';
import { useStartRun } from './use-drills.ts';

export type StartFormProps = {
  info: DrillInfo;
  plan: DrillPlan;
  /** What must be typed. */
  targetName: string;
  /** How old the plan is (ms). */
  ageMs: number;
  /** Something changed that the reader has not said to have seen. */
  isChanged: boolean;
};

export function StartForm({ info, plan, targetName, ageMs, isChanged }: StartFormProps) {
  const router = useRouter();
  const start = useStartRun();
  const { may, why } = useMay(startActionOf(plan.drill));
  const isOld = ageMs > PLAN_EXPIRES_MS;
  const isBlocked = !isClear(plan);
  const hindrances = [
    why,
    isBlocked ? 'A guard refuses it: see above.' : null,
    isOld ? `The plan is ${formatAge(ageMs)} old. It renews itself.` : null,
    isChanged ? 'The plan has changed: say above that you have seen how.' : null,
  ].filter((text) => text !== null);
  const run = (reason: string) =>
    start.mutate(
      { drill: plan.drill, target: plan.target, typedTarget: targetName, planHash: plan.stateHash, reason },
      { onSuccess: ({ run: { id } }) => router.push(runRoute(id).pathname as Parameters<typeof router.push>[0]) },
    );
  return (
    <div data-start className="grid max-w-xl min-w-0 gap-2">
      <ActionForm
        effect={
          <>
            <p>{info.proves}</p>
            {hindrances.map((text) => (
              <p key={text} role="status" className="text-degraded">
                {text}
              </p>
            ))}
          </>
        }
        verb="Start drill"
        danger={info.risk === 'forced'}
        typed={{ text: targetName, what: plan.target === null ? 'the name of the drill' : 'the name of the target' }}
        isReady={may && !isBlocked && !isOld && !isChanged}
        isSending={start.isPending || start.isSuccess}
        error={start.error}
        run={run}
        cancel={() => router.push(routes.drills)}
      />
    </div>
  );
}
