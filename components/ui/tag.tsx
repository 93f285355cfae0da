/** A short word in a box: a role, a kind, a state that is no status. */
import type { ReactNode } from 'react';

const LOOK = {
  plain: 'bg-raised text-text-2',
  lead: 'bg-lead font-semibold text-ok',
  warn: 'bg-warn font-semibold text-degraded',
} as const;

/** `lead` marks the one that leads. */
export function Tag({ look = 'plain', children }: { look?: keyof typeof LOOK; children: ReactNode }) {
  return (
    <span className={`rounded-sm px-1.5 text-[11px] leading-[18px] whitespace-nowrap ${LOOK[look]}`}>{children}</span>
  );
}
