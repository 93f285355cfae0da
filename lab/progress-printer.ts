/** Shows steps at a terminal, or line by line where there is none. */
import type { StepEvent } from './steps.ts';

const REPEAT_MS = 5_000;

/** A listener for steps that prints to `out`: one line a step, and while one lasts what it waits for. */
export function progressPrinter(out: NodeJS.WriteStream): (event: StepEvent) => void {
  let shownMs = 0;
  return ({ kind, title, elapsedMs, detail }) => {
    const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
    if (kind === 'done') {
      out.write(`${out.isTTY ? '\r\x1b[K' : ''}✔ ${title} (${seconds})\n`);
      return;
    }
    if (out.isTTY) {
      const line = `… ${title} ${seconds}${detail === undefined ? '' : `: ${detail}`}`;
      out.write(`\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}`);
      return;
    }
    if (kind === 'begin') shownMs = 0;
    if (kind === 'waiting' && elapsedMs - shownMs >= REPEAT_MS) {
      shownMs = elapsedMs;
      out.write(`… ${title}, ${seconds}: ${detail}\n`);
    }
  };
}
