'use client';
/** What changed lately for one entity. */
import type { Kind, Model } from '#lib/model/model.ts';
import { useLive } from './live-provider.tsx';
import { TransitionLine } from './transition-line.tsx';

const ROWS = 12;

export type SubjectHistoryProps = {
  kind: Kind;
  id: string;
  model: Model;
  /** Names the list. */
  label: string;
  /** What to say when there is nothing. */
  empty: string;
};

/** The newest transitions of the entity, newest first. */
export function SubjectHistory({ kind, id, model, label, empty }: SubjectHistoryProps) {
  const transitions = useLive((live) => live.transitions);
  const rows = transitions.filter(({ subject }) => subject.kind === kind && subject.id === id).slice(-ROWS);
  if (rows.length === 0) return <p className="text-[12px] text-text-3">{empty}</p>;
  return (
    <ol aria-label={label}>
      {rows.reverse().map((transition) => (
        <TransitionLine key={transition.id} transition={transition} model={model} />
      ))}
    </ol>
  );
}
