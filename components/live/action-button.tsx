'use client';
/** Buttons that change something: off where the reader may not, with the reason in sight. */
import type { ReactNode } from 'react';
import { BUTTON } from '#components/ui/action-form.tsx';
import { ACTIONS, type ActionId } from '#lib/permissions.ts';
import { useMay, useSession } from './use-may.ts';
import { whyNot } from './why-not.ts';

export type ActionButtonProps = {
  action: ActionId;
  onClick(): void;
  /** Why it makes no sense now; null = it does. */
  pointless?: string | null;
  /** Its name for screen readers, where its text alone does not tell what it is done to. */
  label?: string;
  children: ReactNode;
};

export function ActionButton({ action, onClick, pointless = null, label, children }: ActionButtonProps) {
  const { may, why } = useMay(action);
  return (
    <button
      type="button"
      data-action={action}
      aria-label={label}
      disabled={!may || pointless !== null}
      title={why ?? pointless ?? ACTIONS[action].title}
      onClick={onClick}
      className={BUTTON}
    >
      {children}
    </button>
  );
}

/** Why some of these actions are refused, each reason once; nothing where all are allowed. */
export function ActionRefusals({ actions }: { actions: readonly ActionId[] }) {
  const session = useSession();
  if (session === null) return null;
  const reasons = whyNot(session, actions);
  if (reasons.length === 0) return null;
  return (
    <ul data-refusals className="grid gap-0.5 text-[12px] break-words text-text-2">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}
