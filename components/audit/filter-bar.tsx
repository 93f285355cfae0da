'use client';
/** What to show of the audit: by whom, what, to what, and since when. */
import { ACTION_IDS, ACTIONS } from '#lib/permissions.ts';
import { isFiltered, useAuditFilter } from './filter.ts';

const RANGES: readonly (readonly [title: string, ms: number])[] = [
  ['last hour', 3_600_000],
  ['last day', 86_400_000],
  ['last week', 604_800_000],
];
const FIELD = 'h-7 min-w-0 rounded-sm border border-line bg-canvas px-2';
const CHIP = 'rounded-full border border-line px-2 text-[12px] leading-6 text-text-2 hover:bg-raised';

export function FilterBar({ now }: { now: number }) {
  const [filter, setFilter] = useAuditFilter();
  const textOf = (name: 'actor' | 'target', label: string, placeholder: string) => (
    <input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={filter[name]}
      onChange={(event) => void setFilter({ [name]: event.target.value === '' ? null : event.target.value })}
      className={`${FIELD} flex-1 sm:max-w-56`}
      {...(name === 'target' ? { 'data-hotkey': '/' } : {})}
    />
  );
  return (
    <search className="flex flex-wrap items-center gap-1.5 text-[12px]">
      <select
        aria-label="Only this action"
        value={filter.action}
        onChange={(event) => void setFilter({ action: event.target.value === '' ? null : event.target.value })}
        className={FIELD}
      >
        <option value="">every action</option>
        {ACTION_IDS.map((id) => (
          <option key={id} value={id}>
            {ACTIONS[id].title}
          </option>
        ))}
      </select>
      {textOf('target', 'Only this target', 'Only this target, e.g. celery@host-1')}
      {textOf('actor', 'Only by', 'Only by, e.g. token:ci')}
      {RANGES.map(([title, ms]) => (
        <button
          key={title}
          type="button"
          className={CHIP}
          onClick={() => void setFilter({ from: Math.floor((now - ms) / 60_000) * 60_000, to: null })}
        >
          {title}
        </button>
      ))}
      {isFiltered(filter) && (
        <button
          type="button"
          className="px-1 text-accent underline"
          onClick={() => void setFilter({ actor: null, action: null, target: null, from: null, to: null })}
        >
          show everything
        </button>
      )}
    </search>
  );
}
