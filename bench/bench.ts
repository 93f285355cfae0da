/** What a bench is, and what it is given. */
import type { Lab } from '#lab/control.ts';
import type { Result } from './report.ts';

/** Choices of the command line; where none is made, each bench has its own. */
export type BenchOptions = {
  readonly runs: number | undefined;
  readonly minutes: number | undefined;
  readonly seconds: number | undefined;
  readonly queues: number | undefined;
  /** Where Trellis listens. */
  readonly port: number;
  /** Forget the finished runs. */
  readonly again: boolean;
  /** Only what has this text in its name. */
  readonly only: string;
  readonly mirrored: boolean;
};

/** What a bench works with. */
export type BenchContext = {
  readonly name: string;
  readonly options: BenchOptions;
  readonly lab: Lab;
  /** Does something when the bench ends, however it ends; last in, first out. */
  readonly atEnd: (title: string, work: () => Promise<unknown>) => void;
  /** Says what is going on. */
  readonly say: (line: string) => void;
};

/** One bench. */
export type Bench = {
  readonly title: string;
  /** @throws Error when it cannot measure; a target that is missed is a result. */
  readonly run: (context: BenchContext) => Promise<Result[]>;
};
