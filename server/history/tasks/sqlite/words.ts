/** The dictionary of the writer: names, workers, queues and exceptions as numbers. */
import type { DatabaseSync } from 'node:sqlite';
import { timeOfPlace, WORD_KINDS, type WordKind } from './columns.ts';

export type Words = {
  /** The number of a word, new or not; null of null. `at` (epoch ms) is when the task that uses it began. */
  idOf(kind: WordKind, text: string | null, at: number): number | null;
  /** Notes when words were last used. */
  flush(): void;
  /** Forgets words that no task uses any more, given the place of the oldest task. */
  forget(oldest: number): void;
};

type Known = { id: number; usedAt: number; isNews: boolean };
/** Uses are noted no finer than this. */
const USE_MS = 60_000;

/** The dictionary of an open file. */
export function openWords(db: DatabaseSync): Words {
  const insert = db.prepare('insert into words (kind, text, used_at) values (?, ?, ?)');
  const use = db.prepare('update words set used_at = ? where id = ?');
  const remove = db.prepare('delete from words where used_at < ? returning kind, text');
  const known = WORD_KINDS.map(() => new Map<string, Known>());
  const news = new Set<Known>();
  for (const row of db.prepare('select id, kind, text, used_at from words').all()) {
    known[Number(row.kind)]?.set(String(row.text), { id: Number(row.id), usedAt: Number(row.used_at), isNews: false });
  }
  return {
    idOf(kind, text, at) {
      if (text === null) return null;
      const code = WORD_KINDS.indexOf(kind);
      const words = known[code] as Map<string, Known>;
      let word = words.get(text);
      if (word === undefined) {
        const usedAt = Math.floor(at);
        word = { id: Number(insert.run(code, text, usedAt).lastInsertRowid), usedAt, isNews: false };
        words.set(text, word);
      } else if (at > word.usedAt + USE_MS) {
        word.usedAt = Math.floor(at);
        news.add(word);
      }
      return word.id;
    },
    flush() {
      for (const { id, usedAt } of news) use.run(usedAt, id);
      news.clear();
    },
    forget(oldest) {
      for (const { kind, text } of remove.all(timeOfPlace(oldest) - 2 * USE_MS)) {
        known[Number(kind)]?.delete(String(text));
      }
    },
  };
}
