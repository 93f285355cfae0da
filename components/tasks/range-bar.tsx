'use client';
/** The stretch of time: presets that slide with the clock, or fixed ends. */
import { useEffect, useRef } from 'react';
import { Chip, Chips } from '#components/ui/chips.tsx';
import { useClockZone } from '#components/ui/clock-zone.tsx';
import type { ClockZone } from '#lib/format/quantity.ts';
import { useTaskView } from './filter.ts';
import { endsOf, fromTimeInput, RANGE_WORDS, RANGES, toTimeInput } from './range.ts';

export function RangeBar({ now }: { now: number }) {
  const [view, setView] = useTaskView();
  const zone = useClockZone();
  const { range } = view;
  // A sliding stretch would move the fields with every second.
  const { from, to } = range === null ? endsOf(view, now) : { from: null, to: null };
  return (
    <div className="flex flex-wrap items-center gap-1.5 text-[12px]">
      <Chips legend="The last">
        {RANGES.map((one) => (
          <Chip
            key={one}
            isOn={range === one}
            onClick={() => void setView({ range: range === one ? null : one, from: null, to: null })}
          >
            {RANGE_WORDS[one]}
          </Chip>
        ))}
      </Chips>
      <TimeField label="from" at={from} zone={zone} onTime={(at) => void setView({ from: at, range: null, to })} />
      <TimeField label="to" at={to} zone={zone} onTime={(at) => void setView({ to: at, range: null, from })} />
      <span className="text-text-3">{zone === 'utc' ? 'UTC' : 'local'}</span>
      {(range !== null || from !== null || to !== null) && (
        <button
          type="button"
          className="px-1 text-accent underline"
          onClick={() => void setView({ range: null, from: null, to: null })}
        >
          all times
        </button>
      )}
    </div>
  );
}

type TimeFieldProps = { label: string; at: number | null; zone: ClockZone; onTime(at: number | null): void };

/** Told when the field is left, or by Enter: a year that is half typed is a time, too. */
function TimeField({ label, at, zone, onTime }: TimeFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const shown = toTimeInput(at, zone);
  const tell = (text: string) => {
    if (text !== shown) onTime(fromTimeInput(text, zone));
  };
  useEffect(() => {
    // Chosen elsewhere: a drag, a preset, the back button.
    if (field.current !== null) field.current.value = shown;
  }, [shown]);
  return (
    <label className="flex items-center gap-1 text-text-2">
      {label}
      <input
        ref={field}
        type="datetime-local"
        step={1}
        defaultValue={shown}
        onBlur={(event) => tell(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && tell(event.currentTarget.value)}
        className="h-7 min-w-0 rounded-sm border border-line bg-canvas px-1"
      />
    </label>
  );
}
