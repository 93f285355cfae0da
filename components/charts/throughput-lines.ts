/** Titles and colours of the lines of throughput. */
import type { Throughput } from '#lib/contract/throughput.ts';
import type { ThroughputLine, ThroughputRange } from '#lib/model/throughput.ts';

export const STATE_LINES: readonly { id: ThroughputLine; title: string; colour: string }[] = [
  { id: 'received', title: 'received', colour: 'var(--accent)' },
  { id: 'succeeded', title: 'succeeded', colour: 'var(--ok)' },
  { id: 'failed', title: 'failed', colour: 'var(--down)' },
  { id: 'retried', title: 'retried', colour: 'var(--degraded)' },
  { id: 'revoked', title: 'revoked', colour: 'var(--maintenance)' },
];

/** Names, queues and workers have no colour that means anything: three of them, then the same dashed. */
const WORD_COLOURS = ['var(--accent)', 'var(--ok)', 'var(--maintenance)'] as const;
const DASH = '4 3';
const OTHERS = { title: 'others', colour: 'var(--text-3)' } as const;

/** What a range is called on its button, and in a sentence. */
export const RANGE_WORDS: Readonly<Record<ThroughputRange, { button: string; sentence: string }>> = {
  '10m': { button: '10 min', sentence: 'last ten minutes' },
  '1h': { button: 'hour', sentence: 'last hour' },
  '7d': { button: 'week', sentence: 'last week' },
};

/** A week is told by the minute: many tasks run seldom. */
const PER_MINUTE = 60;

/** The unit of an answer: its short name, and how many seconds it has. */
export function unitOf({ range }: Pick<Throughput, 'range'>): { name: 's' | 'min'; seconds: number } {
  return range === '7d' ? { name: 'min', seconds: PER_MINUTE } : { name: 's', seconds: 1 };
}

/** The lines of an answer, in its unit, as a chart draws them. */
export function drawnLines(answer: Throughput) {
  const { seconds } = unitOf(answer);
  return answer.lines.map(({ of, values }, i) => ({
    ...{ id: `line-${i}`, ...(answer.by === 'state' ? stateLook(of, answer) : wordLook(of, i)) },
    values: seconds === 1 ? values : values.map((value) => value && value * seconds),
  }));
}

type Look = { title: string; colour: string; dash?: string };

function stateLook(of: string | null, { countedAt }: Throughput): Look {
  const line = STATE_LINES.find(({ id }) => id === of);
  if (line === undefined) return OTHERS;
  const title = line.id === 'received' && countedAt === 'begin' ? 'began' : line.title;
  return { title, colour: line.colour };
}

function wordLook(of: string | null, i: number): Look {
  if (of === null) return OTHERS;
  const colour = WORD_COLOURS[i % WORD_COLOURS.length] ?? OTHERS.colour;
  return { title: of, colour, ...(i < WORD_COLOURS.length ? {} : { dash: DASH }) };
}
