/** Finished runs on the disk, so that a long bench goes on where it was interrupted. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inputsDigest } from '#lab/commands/build.ts';
import { ROOT } from '#lab/commands/workspace.ts';

/** The runs of one bench with this build of Trellis; those of other builds stay in the file and are not counted. */
export class Store<Row extends object> {
  readonly rows: Row[] = [];
  readonly #file: string;
  readonly #build: string;

  constructor(labDir: string, name: string, again: boolean) {
    this.#file = join(labDir, 'bench', `${name}.jsonl`);
    this.#build = inputsDigest(ROOT).slice(0, 12);
    mkdirSync(join(labDir, 'bench'), { recursive: true });
    if (again) rmSync(this.#file, { force: true });
    if (!existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (line === '') continue;
      const { build, row } = JSON.parse(line) as { build: string; row: Row };
      if (build === this.#build) this.rows.push(row);
    }
  }

  /** Keeps one finished run. */
  add(row: Row): void {
    this.rows.push(row);
    appendFileSync(this.#file, `${JSON.stringify({ build: this.#build, at: new Date().toISOString(), row })}\n`);
  }
}
