'use client';
/** What to show of the findings. */
import { Chip, Chips } from '#components/ui/chips.tsx';
import { SEVERITIES, type Severity } from '#lib/model/finding.ts';
import { TABS, type Tab, useFindingFilter } from './filter.ts';

const TITLES: Readonly<Record<Tab, string>> = { now: 'Wrong now', posture: 'Posture: will hurt later' };

export type FilterBarProps = { tab: Tab; counts: Readonly<Record<Tab, number>> };

export function FilterBar({ tab, counts }: FilterBarProps) {
  const [{ severities, text }, setFilter] = useFindingFilter();
  const toggle = (severity: Severity) => {
    const next = severities.includes(severity)
      ? severities.filter((one) => one !== severity)
      : [...severities, severity];
    void setFilter({ severities: next.length === 0 ? null : next });
  };
  return (
    <div className="grid gap-2">
      <Chips legend="Which findings">
        {TABS.map((one) => (
          <Chip key={one} isOn={tab === one} onClick={() => void setFilter({ tab: one })}>
            {TITLES[one]} ({counts[one]})
          </Chip>
        ))}
      </Chips>
      <div className="flex flex-wrap items-center gap-1.5 text-[12px]">
        <input
          type="search"
          aria-label="Filter findings"
          placeholder="Filter findings"
          data-hotkey="/"
          value={text}
          onChange={(event) => void setFilter({ text: event.target.value === '' ? null : event.target.value })}
          className="h-7 min-w-0 flex-1 rounded-sm border border-line bg-canvas px-2 sm:max-w-64"
        />
        <Chips legend="Severities">
          {SEVERITIES.map((severity) => (
            <Chip key={severity} isOn={severities.includes(severity)} onClick={() => toggle(severity)}>
              {severity}
            </Chip>
          ))}
        </Chips>
        {(severities.length > 0 || text !== '') && (
          <button
            type="button"
            className="px-1 text-accent underline"
            onClick={() => void setFilter({ severities: null, text: null })}
          >
            show all
          </button>
        )}
      </div>
    </div>
  );
}
