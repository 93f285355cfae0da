'use client';
/** Tells screen readers what has just changed. What was there before the page was opened is no news. */
import { useEffect, useRef, useState } from 'react';
import { useLive } from '#components/live/live-provider.tsx';
import { findingGroups } from '#lib/format/finding.ts';
import { describeTransition } from '#lib/format/transition.ts';
import type { Model } from '#lib/model/model.ts';

/** A fault makes many changes at once: they are collected and told together. */
const COLLECT_MS = 2_000;
const NAMED = 3;

type Told = { transition: number; findings: ReadonlySet<string> };

export function Announcer() {
  const transitions = useLive((live) => live.transitions);
  const model = useLive((live) => live.model);
  const isWaiting = useLive((live) => live.stream === 'connecting');
  const [text, setText] = useState('');
  const told = useRef<Told | null>(null);
  const latest = useRef({ transitions, model });
  latest.current = { transitions, model };
  const newest = transitions.at(-1)?.id ?? 0;
  const found = Object.keys(model.findings).join('\n');

  useEffect(() => {
    if (isWaiting) return;
    const ids = found === '' ? [] : found.split('\n');
    if (told.current === null) {
      told.current = { transition: newest, findings: new Set(ids) };
      return;
    }
    const { transition, findings } = told.current;
    // What went away is news again when it comes back.
    told.current = { transition, findings: new Set(ids.filter((id) => findings.has(id))) };
    if (newest <= transition && ids.every((id) => findings.has(id))) return;
    const timer = setTimeout(() => {
      const known = told.current?.findings ?? new Set();
      const now = latest.current;
      const changes = now.transitions
        .filter(({ id }) => id > transition)
        .map((one) => describeTransition(one, now.model).title);
      // What broke comes before the changes that it made.
      const news = [...newRoots(now.model, known), ...changes];
      told.current = {
        transition: now.transitions.at(-1)?.id ?? transition,
        findings: new Set(Object.keys(now.model.findings)),
      };
      const more = news.length - NAMED;
      if (news.length > 0)
        setText([...news.slice(0, NAMED), ...(more > 0 ? [`and ${more} more changes`] : [])].join('; '));
    }, COLLECT_MS);
    return () => clearTimeout(timer);
  }, [newest, found, isWaiting]);

  return (
    <p aria-live="polite" className="sr-only">
      {text}
    </p>
  );
}

function newRoots({ findings }: Model, known: ReadonlySet<string>): string[] {
  return findingGroups(findings)
    .filter(({ root }) => !root.posture && root.severity !== 'info' && !known.has(root.id))
    .map(({ root }) => `${root.severity}: ${root.text}`);
}
