/** The mark of a finding that a drill caused; leads to the run. */
import Link from 'next/link';
import { Tag } from '#components/ui/tag.tsx';
import type { Finding } from '#lib/model/finding.ts';
import { runRoute } from '#lib/routes.ts';

export type DrillTagProps = {
  finding: Pick<Finding, 'drill'>;
  /** When it is followed, for instance to close what it stands in. */
  onClick?: () => void;
};

/** Nothing where no drill caused it. Never inside another link or a button. */
export function DrillTag({ finding: { drill = null }, onClick }: DrillTagProps) {
  if (drill === null) return null;
  return (
    <Link
      href={runRoute(drill)}
      data-caused-by={drill}
      aria-label="Caused by a drill: show the run"
      title="Caused by a drill: show the run"
      className="shrink-0 self-baseline hover:underline"
      {...(onClick === undefined ? {} : { onClick })}
    >
      <Tag>drill</Tag>
    </Link>
  );
}
