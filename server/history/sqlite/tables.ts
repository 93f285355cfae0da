/** The tables. Times are epoch ms. */

type TransitionsTable = {
  id: number;
  at: number;
  code: string;
  kind: string;
  subject: string;
  part: string | null;
  was: string;
  became: string;
  /** JSON array of reading keys. */
  said_by: string;
  between_from: number | null;
  between_to: number | null;
  /** JSON of the transition that explains it, without its observers. */
  cause: string | null;
};

type BlindTable = { id: string; what: string; since: number; until: number | null; code: string };

/** `fact` is JSON; `at` is when its value was new. */
type FactsTable = { key: string; at: number; fact: string };

/** One row: when Trellis was last alive, and whether it then ended on purpose. */
type AliveTable = { id: 1; at: number; stopped: 0 | 1 };

/** Who knows of a finding, and until when. */
type AcknowledgementsTable = { finding: string; owner: string; reason: string; at: number; until: number };

/** Findings that are open, and since when. */
type OpenFindingsTable = { finding: string; since: number };

export type Tables = {
  transitions: TransitionsTable;
  blind: BlindTable;
  facts: FactsTable;
  alive: AliveTable;
  acknowledgements: AcknowledgementsTable;
  open_findings: OpenFindingsTable;
};
