'use client';
/** The search in Flower's language. What cannot be read is pointed at, and what was typed is kept. */
import { Popover } from '@base-ui/react/popover';
import { CircleQuestionMark } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { AskError } from '#components/ui/ask.ts';
import { SEARCH_LIMIT } from '#lib/contract/tasks.ts';
import { caretLine } from '#lib/format/task.ts';

/** Rests between two keys are shorter than this. */
const TYPED_MS = 350;

const EXAMPLES: readonly (readonly [search: string, finds: string])[] = [
  ['import', 'tasks with “import” in their id, name, arguments, result or exception'],
  ['name:orders.bill', 'part of the task’s name'],
  ['state:FAILURE worker:host-2', 'both hold; AND may be written too'],
  ['args:4711 OR kwargs:4711', 'one of them holds'],
  ['(name:mail OR name:sms) state:RETRY', 'parentheses group'],
  ['result:"not found"', 'quotes keep words together'],
];

export type SearchBoxProps = { search: string; error: AskError | null; onSearch(search: string): void };

export function SearchBox({ search, error, onSearch }: SearchBoxProps) {
  const id = useId();
  const [text, setText] = useState(search);
  const told = useRef(search);
  useEffect(() => {
    // Changed from elsewhere: the back button, a link, "show everything".
    if (search !== told.current) setText(search);
    told.current = search;
  }, [search]);
  const tell = (next: string) => {
    if (next === told.current) return;
    told.current = next;
    onSearch(next);
  };
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const timer = setTimeout(() => latest.current(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="min-w-0 flex-1 basis-64">
      <div className="flex items-center gap-1">
        <input
          type="search"
          aria-label="Search tasks"
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : id}
          placeholder="Search: name:orders state:FAILURE …"
          data-hotkey="/"
          maxLength={SEARCH_LIMIT}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && tell(text)}
          className="h-7 min-w-0 flex-1 rounded-sm border border-line bg-canvas px-2 font-mono text-[12px] aria-invalid:border-down"
        />
        <SearchHelp />
      </div>
      {error !== null && (
        <div id={id} role="alert" data-search-error className="mt-1 overflow-x-auto text-[12px] text-down">
          {error.position !== null && search === text && (
            <pre aria-hidden className="font-mono text-[12px] leading-4 text-text-2">
              {`${search}\n`}
              <span className="text-down">{caretLine(search, error.position)}</span>
            </pre>
          )}
          {error.message}
        </div>
      )}
    </div>
  );
}

function SearchHelp() {
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label="How to search"
        className="inline-flex size-7 shrink-0 items-center justify-center rounded-sm border border-line text-text-2 hover:bg-raised"
      >
        <CircleQuestionMark aria-hidden size={13} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className="z-40">
          <Popover.Popup className="w-[32rem] max-w-[calc(100vw-1.5rem)] rounded-md border border-line bg-panel p-3 text-[12px] shadow-lg">
            <Popover.Title className="mb-1 font-semibold">How to search</Popover.Title>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1">
              {EXAMPLES.map(([search, finds]) => (
                <div key={search} className="contents">
                  <dt className="font-mono break-words">{search}</dt>
                  <dd className="text-text-2">{finds}</dd>
                </div>
              ))}
            </dl>
            <p className="mt-2 text-text-2">
              Fields: name, state, worker, args, kwargs, result. Words have at least three characters. The same language
              as Flower’s.
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
