'use client';
/** What to show of the timeline. */
import { CODE_NAMES } from '#lib/format/timeline.ts';
import { TRANSITION_CODES } from '#lib/model/transition.ts';
import { useTimelineFilter } from './filter.ts';

const RANGES: readonly (readonly [title: string, ms: number])[] = [
  ['last hour', 3_600_000],
  ['last day', 86_400_000],
  ['last week', 604_800_000],
];

export function FilterBar({ now }: { now: number }) {
  const [filter, setFilter] = useTimelineFilter();
  const toggle = (code: (typeof TRANSITION_CODES)[number]) => {
    const codes = filter.codes.includes(code) ? filter.codes.filter((one) => one !== code) : [...filter.codes, code];
    void setFilter({ codes: codes.length === 0 ? null : codes });
  };
  const isFiltered = filter.codes.length > 0 || filter.subject !== '' || filter.from !== null || filter.to !== null;
  const chip =
    'rounded-full border border-line px-2 text-[12px] leading-6 text-text-2 hover:bg-raised aria-pressed:border-accent aria-pressed:text-accent';
  return (
    <div className="grid gap-2">
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">Kinds of change</legend>
        {TRANSITION_CODES.map((code) => (
          <button
            key={code}
            type="button"
            aria-pressed={filter.codes.includes(code)}
            onClick={() => toggle(code)}
            className={chip}
          >
            {CODE_NAMES[code]}
          </button>
        ))}
      </fieldset>
      <div className="flex flex-wrap items-center gap-1.5 text-[12px]">
        <input
          type="search"
          aria-label="Only this entity, by its id"
          placeholder="Only this id, for instance rabbit-1@host-1"
          data-hotkey="/"
          value={filter.subject}
          onChange={(event) => void setFilter({ subject: event.target.value === '' ? null : event.target.value })}
          className="h-7 min-w-0 flex-1 rounded-sm border border-line bg-canvas px-2 sm:max-w-80"
        />
        {RANGES.map(([title, ms]) => (
          <button
            key={title}
            type="button"
            className={chip}
            onClick={() => void setFilter({ from: Math.floor((now - ms) / 60_000) * 60_000, to: null })}
          >
            {title}
          </button>
        ))}
        {isFiltered && (
          <button
            type="button"
            className="px-1 text-accent underline"
            onClick={() => void setFilter({ codes: null, subject: null, from: null, to: null })}
          >
            show everything
          </button>
        )}
      </div>
    </div>
  );
}
