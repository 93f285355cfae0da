'use client';
/** A filter by words that were seen: choose any of them, or type one that is not in the list. */
import { Combobox } from '@base-ui/react/combobox';
import { Check, X } from 'lucide-react';
import { useMemo, useState } from 'react';

/** More than these nobody reads: typing narrows it down. */
const LIMIT = 60;

export type WordFilterProps = {
  /** What is chosen, for the label: `Task`, `Worker`. */
  title: string;
  /** Empty = all. */
  chosen: readonly string[];
  /** What was seen, the most used first. */
  seen: readonly string[];
  onChange(chosen: string[]): void;
};

export function WordFilter({ title, chosen, seen, onChange }: WordFilterProps) {
  const [typed, setTyped] = useState('');
  const items = useMemo(
    () => [...new Set([...seen, ...chosen, ...(typed.trim() === '' ? [] : [typed.trim()])])],
    [seen, chosen, typed],
  );
  return (
    <Combobox.Root
      multiple
      items={items}
      limit={LIMIT}
      value={[...chosen]}
      // Escape closes the list; what was chosen is not thrown away with it.
      onValueChange={(value: string[], { reason }) => reason !== 'escape-key' && onChange(value)}
      inputValue={typed}
      onInputValueChange={setTyped}
    >
      <Combobox.InputGroup className="min-h-7 min-w-0 flex-1 basis-40 rounded-sm border border-line bg-canvas px-1 sm:max-w-72">
        <Combobox.Chips
          aria-label={chosen.length > 0 ? `${title}: chosen` : undefined}
          className="flex w-full min-w-0 flex-wrap items-center gap-1"
        >
          {chosen.map((word) => (
            <Combobox.Chip
              key={word}
              className="my-0.5 inline-flex max-w-full min-w-0 items-center gap-0.5 rounded-sm border border-accent pl-1 text-[11px] leading-[18px] text-accent"
            >
              <span className="truncate" title={word}>
                {word}
              </span>
              <Combobox.ChipRemove aria-label={`Do not filter by ${word}`} className="shrink-0 p-0.5">
                <X aria-hidden size={10} />
              </Combobox.ChipRemove>
            </Combobox.Chip>
          ))}
          <Combobox.Input
            aria-label={`Filter by ${title.toLowerCase()}`}
            placeholder={chosen.length === 0 ? `${title}: all` : ''}
            className="h-6 min-w-12 flex-1 bg-transparent px-1 text-[12px] outline-none"
          />
        </Combobox.Chips>
      </Combobox.InputGroup>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} className="z-40">
          <Combobox.Popup className="max-h-[min(var(--available-height),20rem)] w-max max-w-[min(var(--available-width),30rem)] min-w-(--anchor-width) overflow-y-auto rounded-md border border-line bg-panel py-1 text-[12px] shadow-lg">
            <Combobox.Empty className="px-2 py-1 text-text-2 empty:hidden">
              None was seen yet. Type one to filter by it.
            </Combobox.Empty>
            <Combobox.List>
              {(word: string) => (
                <Combobox.Item
                  key={word}
                  value={word}
                  className="grid cursor-default grid-cols-[0.75rem_minmax(0,1fr)] items-center gap-1.5 px-2 py-0.5 data-highlighted:bg-raised"
                >
                  <Combobox.ItemIndicator className="text-accent">
                    <Check aria-hidden size={11} />
                  </Combobox.ItemIndicator>
                  <span className="col-start-2 font-mono break-words">{word}</span>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
