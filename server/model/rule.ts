/** What a finding's file provides. One file a finding, in `rules/` of its source, or here where it needs several systems. */
import type { Advice, Evidence, Severity } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';

export type Found = {
  subject: Subject;
  /** Where it differs from the rule's own. */
  severity?: Severity;
  /** One sentence that names names. */
  text: string;
  /** At least one: what nobody said is no finding. */
  evidence: readonly Evidence[];
  advice: Advice;
  /** Things whose own failure would explain this one (a broker node, a host, …); the first that has a finding is the root. */
  because?: readonly Subject[];
};

export type Rule = {
  /** Unique and stable, in PascalCase: `SplitBrainRedis`. */
  code: string;
  severity: Severity;
  /** A setting that will hurt later, rather than something that broke. */
  posture: boolean;
  /** For the documentation: what it means, and why it hurts. Markdown of one paragraph. */
  means: string;
  /** For the documentation: what mends it in general. Markdown of one paragraph. */
  mend: string;
  /** It must be so for this long before it is told (ms); 0 unless told. For what is normal for a moment. */
  holdMs?: number;
  /** It tells that somebody is silent: that its own evidence is not current does not keep it. */
  aboutSilence?: true;
  /**
   * Looks at the model at `now` (epoch ms). Pure. Judges only by readings that are current (`isCurrent`, `settle`, the
   * status rules): what is stale proves nothing. Of many like things (queues) it makes one finding for all of them.
   */
  find(model: Model, now: number): readonly Found[];
};
