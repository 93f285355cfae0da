/** How often pieces of three letters stand in the tasks, by a look at some of the newest. */
import type { DatabaseSync } from 'node:sqlite';
import { taskOf } from '#server/ingest/merge.ts';
import { searchText, timeOfPlace } from './columns.ts';
import { recordOf } from './records.ts';

export type Rarity = {
  /** A few pieces of the text, the rarest first, and about which share of tasks (0 to 1) has them all. */
  piecesOf(text: string): { pieces: readonly string[]; share: number };
};

const SAMPLED_TASKS = 300;
const SAMPLE_MS = 60_000;
/** Each piece more costs the index a walk, and spares few tasks that are looked at in vain. */
const MOST_PIECES = 3;

type Sample = { minute: number; texts: readonly string[] };

/** For an open file; keeps its sample for a while. */
export function openRarity(db: DatabaseSync): Rarity {
  const newest = db.prepare('select max(id) as id from tasks');
  const read = db.prepare('select record from records order by id desc limit ?');
  let sample: Sample | null = null;

  function sampled(): readonly string[] {
    const minute = Math.floor(timeOfPlace(Number(newest.get()?.id ?? 0)) / SAMPLE_MS);
    if (sample?.minute !== minute) {
      const texts = read.all(SAMPLED_TASKS).map(({ record }) => searchText(taskOf(recordOf(record))).toLowerCase());
      sample = { minute, texts };
    }
    return sample.texts;
  }

  return {
    piecesOf(text) {
      const letters = [...text.toLowerCase()];
      const all = letters.slice(0, -2).map((_, place) => ({ place, piece: letters.slice(place, place + 3).join('') }));
      const texts = sampled();
      const counted = all
        .map((one) => ({ ...one, count: texts.filter((known) => known.includes(one.piece)).length }))
        .sort((a, b) => a.count - b.count);
      const chosen: typeof counted = [];
      for (const one of counted) {
        if (chosen.length === MOST_PIECES) break;
        // Neighbours say nearly the same.
        if (chosen.every(({ place }) => Math.abs(place - one.place) > 1)) chosen.push(one);
      }
      const pieces = [...new Set(chosen.map(({ piece }) => piece))];
      const found = texts.filter((known) => pieces.every((piece) => known.includes(piece))).length;
      return { pieces, share: (found + 1) / (texts.length + 1) };
    },
  };
}
