/** The severity of a finding: always colour and shape and word. */
import { CircleDashed, Info, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import type { Finding, Severity } from '#lib/model/finding.ts';

const LOOK: Readonly<Record<Severity, { Shape: LucideIcon; text: string }>> = {
  critical: { Shape: X, text: 'text-down' },
  warning: { Shape: TriangleAlert, text: 'text-degraded' },
  info: { Shape: Info, text: 'text-text-2' },
};

/** What nobody can tell any more keeps its word and loses its colour. */
export function SeverityMark({ finding }: { finding: Pick<Finding, 'severity' | 'lastSeen'> }) {
  const { severity, lastSeen } = finding;
  const { Shape, text } = lastSeen === null ? LOOK[severity] : { Shape: CircleDashed, text: 'text-stale' };
  return (
    <span className={`inline-flex items-baseline gap-1 text-[12px] whitespace-nowrap ${text}`}>
      <Shape aria-hidden size={13} strokeWidth={2.5} className="self-center" />
      {severity}
    </span>
  );
}
