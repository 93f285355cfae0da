'use client';
/** The command palette: one field that finds every host, node, queue, page and task, and the few commands. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useLive } from '#components/live/live-provider.tsx';
import { useToggleZone } from '#components/ui/clock-zone.tsx';
import { Modal } from '#components/ui/modal.tsx';
import { toggleTheme } from '#components/ui/theme.ts';
import { entityName } from '#lib/format/names.ts';
import { taskIdIn } from '#lib/format/task.ts';
import { byGravity } from '#lib/model/finding.ts';
import type { Kind, Model } from '#lib/model/model.ts';
import { entityRoute, PAGES, routes, taskRoute } from '#lib/routes.ts';
import type { Href } from './href.ts';

type Entry = { value: string; label: string; note: string; run: () => void };
type Group = { value: string; items: readonly Entry[] };

const KINDS: readonly (readonly [kind: Kind, note: string])[] = [
  ['brokerNodes', 'broker node'],
  ['redisNodes', 'Redis node'],
  ['sentinels', 'Sentinel'],
  ['proxies', 'HAProxy'],
  ['consulServers', 'Consul server'],
  ['beats', 'beat'],
  ['locks', 'lock'],
  ['workers', 'worker'],
  ['queues', 'queue'],
];
/** More than these nobody reads: typing narrows it down. */
const LIMIT = 60;
/** Shorter texts are no search for tasks. */
const SEARCH_CHARACTERS = 3;

export function Palette({ close, openHelp }: { close: () => void; openHelp: () => void }) {
  const model = useLive((live) => live.model);
  const router = useRouter();
  const toggleZone = useToggleZone();
  const [text, setText] = useState('');
  const known = useMemo<Group[]>(() => {
    const go = (href: string) => () => router.push(href as Href);
    const pages = PAGES.map(({ title, href, key }) => ({
      ...{ value: `page ${title}`, label: title, note: `g ${key}`, run: go(href) },
    }));
    const commands: Entry[] = [
      { value: 'copy link', label: 'Copy link to this view', note: '', run: copyLink },
      { value: 'theme', label: 'Change theme: dark or light', note: '', run: toggleTheme },
      { value: 'clock', label: 'Change clock: UTC or local', note: '', run: toggleZone },
      { value: 'keyboard', label: 'Keyboard map', note: '?', run: openHelp },
    ];
    return [
      {
        value: 'Pages',
        items: [
          ...pages,
          { value: 'page failures', label: 'Failed tasks by exception', note: '', run: go(routes.taskFailures) },
        ],
      },
      { value: 'Commands', items: commands },
      { value: 'Estate', items: entriesOf(model, (kind, id) => router.push(hrefOf(kind, id) as Href)) },
    ];
  }, [model, router, toggleZone, openHelp]);
  const groups = useMemo<Group[]>(() => {
    const tasks = taskEntries(text, (href) => router.push(href as Href));
    // A task id is meant as one; any other text more likely names something of the estate.
    return taskIdIn(text) === null ? [...known, ...tasks] : [...tasks, ...known];
  }, [known, text, router]);
  const choose = (entry: Entry) => {
    close();
    entry.run();
  };
  return (
    <Modal title="Command palette" quiet close={close}>
      <Autocomplete.Root
        open
        inline
        items={groups}
        limit={LIMIT}
        value={text}
        // A pasted id may bring blanks along.
        onValueChange={(typed) => setText(taskIdIn(typed) ?? typed)}
        autoHighlight="always"
        itemToStringValue={(entry: Entry) => `${entry.label} ${entry.note}`}
      >
        <Autocomplete.Input
          aria-label="Find anything"
          placeholder="Find a host, node, queue, page or command, or paste a task id…"
          className="h-9 w-full rounded-sm border border-line bg-canvas px-3 text-[14px]"
        />
        <Autocomplete.Empty className="px-2 py-3 text-text-2 empty:hidden">Nothing by that name.</Autocomplete.Empty>
        <Autocomplete.List className="mt-2 max-h-[56vh] overflow-auto empty:hidden">
          {(group: Group) => (
            <Autocomplete.Group key={group.value} items={group.items}>
              <Autocomplete.GroupLabel className="px-2 pt-1.5 text-[11px] text-text-3">
                {group.value}
              </Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(entry: Entry) => (
                  <Autocomplete.Item
                    key={entry.value}
                    value={entry}
                    onClick={() => choose(entry)}
                    className="flex cursor-default items-baseline gap-3 rounded-sm px-2 py-1 data-highlighted:bg-raised"
                  >
                    <span className="min-w-0 truncate">{entry.label}</span>
                    <span className="ml-auto text-[12px] whitespace-nowrap text-text-3">{entry.note}</span>
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
      </Autocomplete.Root>
    </Modal>
  );
}

/** What a text may mean for tasks: the task of that id, or those in which it stands. */
function taskEntries(text: string, go: (href: string) => void): Group[] {
  const id = taskIdIn(text);
  const search = text.trim();
  if (id !== null) {
    const open = { value: 'open task', label: `Open task ${id}`, note: 'task', run: () => go(taskRoute(id).pathname) };
    return [{ value: 'Tasks', items: [open] }];
  }
  if (search.length < SEARCH_CHARACTERS) return [];
  const find = {
    ...{ value: 'find tasks', label: `Find tasks with “${text}”`, note: 'tasks' },
    run: () => go(`${routes.tasks}?${new URLSearchParams({ q: search })}`),
  };
  return [{ value: 'Tasks', items: [find] }];
}

function entriesOf(model: Model, go: (kind: Kind, id: string) => void): Entry[] {
  const hosts = Object.values(model.hosts).map((host) => ({
    ...{ value: `hosts/${host.id}`, label: host.id, note: `host ${host.address}` },
    run: () => go('hosts', host.id),
  }));
  const others = KINDS.flatMap(([kind, note]) =>
    Object.keys(model[kind]).map((id) => ({
      ...{ value: `${kind}/${id}`, label: entityName(kind, id, model), note },
      run: () => go(kind, id),
    })),
  );
  const findings = Object.values(model.findings)
    .sort(byGravity)
    .map(({ id, text, severity, code }) => ({
      ...{ value: `findings/${id}`, label: text, note: `${severity} ${code}` },
      run: () => go('findings', id),
    }));
  return [...hosts, ...others, ...findings];
}

function hrefOf(kind: Kind, id: string): string {
  const { pathname, query } = entityRoute(kind, id);
  return `${pathname}?${new URLSearchParams(query)}`;
}

function copyLink(): void {
  void navigator.clipboard.writeText(location.href);
}
