'use client';
/** The keyboard map, on `?`. */
import { Modal } from '#components/ui/modal.tsx';
import { PAGES } from '#lib/routes.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'find anything: hosts, nodes, queues, pages, commands'],
  ['/', 'filter the table of this page'],
  ['?', 'this list'],
  ['Esc', 'close'],
  ...PAGES.map(({ key, title }) => [`g ${key}`, `go to ${title}`] as const),
];

export function KeyboardHelp({ close }: { close: () => void }) {
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
    </Modal>
  );
}
