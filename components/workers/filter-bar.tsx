'use client';
/** What to show of the workers. */
import { Chip, Chips } from '#components/ui/chips.tsx';
import { countStates, WORKER_STATE_WORDS, WORKER_STATES, type WorkerRow } from '#lib/format/worker.ts';
import { isFiltered, NO_FILTER, useWorkersFilter } from './filter.ts';

const FIELD = 'h-7 min-w-0 rounded-sm border border-line bg-canvas px-2';

/** `rows` = all workers. */
export function FilterBar({ rows }: { rows: readonly WorkerRow[] }) {
  const [view, setView] = useWorkersFilter();
  const archived = rows.filter(({ isArchived }) => isArchived).length;
  const listed = view.archived === null ? rows.filter(({ isArchived }) => !isArchived) : rows;
  const counts = countStates(listed);
  const queues = new Set(rows.flatMap((row) => row.queues ?? []));
  const hosts = new Set(rows.flatMap(({ host }) => (host === null ? [] : [host])));
  const toggle = (state: (typeof WORKER_STATES)[number]) =>
    void setView({
      state: view.state.includes(state) ? view.state.filter((one) => one !== state) : [...view.state, state],
    });
  return (
    <search className="flex min-w-0 flex-wrap items-center gap-1.5 text-[12px]">
      <Chips legend="States">
        <Chip isOn={view.state.length === 0} onClick={() => void setView({ state: null })}>
          all <b className="font-semibold">{listed.length}</b>
        </Chip>
        {WORKER_STATES.map((state) => (
          <Chip key={state} data-state-button={state} isOn={view.state.includes(state)} onClick={() => toggle(state)}>
            {WORKER_STATE_WORDS[state]} <b className="font-semibold">{counts[state]}</b>
          </Chip>
        ))}
      </Chips>
      <input
        type="search"
        aria-label="Filter workers"
        placeholder="Filter workers"
        data-hotkey="/"
        value={view.q}
        onChange={(event) => void setView({ q: event.target.value === '' ? null : event.target.value })}
        className={`${FIELD} flex-1 sm:max-w-56`}
      />
      <Choice name="queue" chosen={view.queue} seen={queues} onChange={(queue) => void setView({ queue })} />
      <Choice name="host" chosen={view.host} seen={hosts} onChange={(host) => void setView({ host })} />
      {(archived > 0 || view.archived !== null) && (
        <label className="flex items-center gap-1.5 text-text-2">
          <input
            type="checkbox"
            checked={view.archived !== null}
            onChange={(event) => void setView({ archived: event.target.checked ? '1' : null })}
          />
          gone for more than an hour: {archived}
        </label>
      )}
      {isFiltered(view) && (
        <button type="button" className="px-1 text-accent underline" onClick={() => void setView(NO_FILTER)}>
          show everything
        </button>
      )}
    </search>
  );
}

type ChoiceProps = {
  name: string;
  chosen: string;
  seen: ReadonlySet<string>;
  onChange(chosen: string | null): void;
};

function Choice({ name, chosen, seen, onChange }: ChoiceProps) {
  const names = [...new Set([...seen, ...(chosen === '' ? [] : [chosen])])].sort();
  return (
    <select
      aria-label={`Only this ${name}`}
      value={chosen}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      className={`${FIELD} max-w-40`}
    >
      <option value="">every {name}</option>
      {names.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
