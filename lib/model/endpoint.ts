/** Endpoints: how well Trellis sees each address that it asks. */
import type { SourceKind } from './reading.ts';

export type Endpoint = {
  /** `<source>/<endpoint>`. */
  id: string;
  source: SourceKind;
  name: string;
  /** What Trellis itself asks of it; null until it was counted. */
  requestsPerSecond: number | null;
  version: string | null;
  /** What this endpoint can do that others of its kind may not, in the words of the sources page. */
  capabilities: readonly string[];
};
