'use client';
/** The keyboard map, on `?`, with the switch that turns its single keys off. */
import { useState } from 'react';
import { Modal } from '#components/ui/modal.tsx';
import { PAGES } from '#lib/routes.ts';
import { hasShortcuts, keepShortcuts } from './shortcuts.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'find anything: hosts, nodes, queues, tasks, pages, commands'],
  ['/', 'filter the table of this page'],
  ['?', 'this list'],
  ['Esc', 'close'],
  ...PAGES.map(({ key, title }) => [`g ${key}`, `go to ${title}`] as const),
];

export function KeyboardHelp({ close }: { close: () => void }) {
  const [isOn, setIsOn] = useState(hasShortcuts);
  return (
    <Modal title="Keyboard" close={close}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {KEYS.map(([keys, does]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded-sm border border-line bg-raised px-1.5 font-mono text-[12px]">{keys}</kbd>
            </dt>
            <dd className="text-text-2">{does}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-3 flex items-baseline gap-2 border-t border-line pt-2">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ target: { checked } }) => keepShortcuts(checked) && setIsOn(checked)}
          className="mt-[3px] self-start accent-accent"
        />
        <span>
          Shortcuts of a single key
          <span className="block text-[12px] text-text-2">
            Turn them off if you dictate or press keys by accident: /, ? and g then do nothing. Ctrl K stays, and leads
            back here: “Keyboard map”. Kept in this browser.
          </span>
        </span>
      </label>
    </Modal>
  );
}
