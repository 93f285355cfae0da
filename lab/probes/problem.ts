/** What the probes say. */
import type { MemberId } from '#lab/layout.ts';

/** One reason why the lab is not whole, and the members whose logs may tell more. */
export type Problem = { readonly what: string; readonly members: readonly MemberId[] };
