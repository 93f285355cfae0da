'use client';
/** What to show of the tasks. */
import { X } from 'lucide-react';
import type { AskError } from '#components/ui/ask.ts';
import { Chip, Chips } from '#components/ui/chips.tsx';
import type { TaskCounts } from '#lib/contract/tasks.ts';
import { formatTotal, STATE_WORDS } from '#lib/format/task.ts';
import { TASK_STATES, type TaskState } from '#lib/model/task.ts';
import { isFiltered, NO_FILTER, useTaskView } from './filter.ts';
import { SearchBox } from './search-box.tsx';
import { STATE_LOOK } from './task-state.tsx';
import { useTaskSuggestions } from './use-tasks.ts';
import { WordFilter } from './word-filter.tsx';

const NONE: readonly string[] = [];

export type FilterBarProps = { counts: TaskCounts | undefined; searchError: AskError | null };

export function FilterBar({ counts, searchError }: FilterBarProps) {
  const [view, setView] = useTaskView();
  const seen = useTaskSuggestions().data;
  return (
    <div className="grid min-w-0 gap-2">
      <StateButtons counts={counts} />
      <div className="flex min-w-0 flex-wrap items-start gap-1.5 text-[12px]">
        <SearchBox search={view.q} error={searchError} onSearch={(q) => void setView({ q: q === '' ? null : q })} />
        <WordFilter
          title="Task"
          chosen={view.name}
          seen={seen?.names ?? NONE}
          onChange={(name) => void setView({ name })}
        />
        <WordFilter
          title="Worker"
          chosen={view.worker}
          seen={seen?.workers ?? NONE}
          onChange={(worker) => void setView({ worker })}
        />
        <WordFilter
          title="Queue"
          chosen={view.queue}
          seen={seen?.queues ?? NONE}
          onChange={(queue) => void setView({ queue })}
        />
      </div>
      <div className="flex min-h-6 flex-wrap items-center gap-1.5 text-[12px]">
        {view.exception.map((exception) => (
          <Given
            key={exception}
            what={`exception ${exception}`}
            drop={() => void setView({ exception: view.exception.filter((one) => one !== exception) })}
          />
        ))}
        {view.root !== '' && (
          <Given what={`workflow ${view.root.slice(0, 8)}`} drop={() => void setView({ root: null })} />
        )}
        <label className="flex items-center gap-1.5 text-text-2">
          <input
            type="checkbox"
            checked={view.canaries !== null}
            onChange={(event) => void setView({ canaries: event.target.checked ? '1' : null })}
          />
          Trellis's own canaries too
        </label>
        {isFiltered(view) && (
          <button type="button" className="px-1 text-accent underline" onClick={() => void setView(NO_FILTER)}>
            show everything
          </button>
        )}
      </div>
    </div>
  );
}

/** A filter that another page set: it can be taken away. */
function Given({ what, drop }: { what: string; drop: () => void }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-full border border-accent px-2 leading-6 text-accent">
      <span className="truncate">{what}</span>
      <button type="button" aria-label={`Do not filter by ${what}`} onClick={drop}>
        <X aria-hidden size={11} />
      </button>
    </span>
  );
}

function StateButtons({ counts }: { counts: TaskCounts | undefined }) {
  const [view, setView] = useTaskView();
  const more = counts !== undefined && !counts.exact ? '+' : '';
  const toggle = (state: TaskState) =>
    void setView({
      state: view.state.includes(state) ? view.state.filter((one) => one !== state) : [...view.state, state],
    });
  return (
    <Chips legend="States">
      <Chip isOn={view.state.length === 0} onClick={() => void setView({ state: null })}>
        all <Count value={counts?.total} more={more} />
      </Chip>
      {TASK_STATES.map((state) => {
        const { Shape, text } = STATE_LOOK[state];
        return (
          <Chip key={state} data-state-button={state} isOn={view.state.includes(state)} onClick={() => toggle(state)}>
            <Shape aria-hidden size={11} strokeWidth={2.5} className={`mr-1 inline ${text}`} />
            {STATE_WORDS[state]}{' '}
            <Count value={counts === undefined ? undefined : (counts.byState[state] ?? 0)} more={more} />
          </Chip>
        );
      })}
    </Chips>
  );
}

/** Keeps its place while it is not known, so that the buttons do not move. */
function Count({ value, more }: { value: number | undefined; more: string }) {
  return (
    <span className="inline-block min-w-8 text-right font-semibold">
      {value === undefined ? '–' : `${formatTotal(value)}${value > 0 ? more : ''}`}
    </span>
  );
}
