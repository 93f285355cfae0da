'use client';
/** Tells screen readers what has just changed. What was there before the page was opened is no news. */
import { useEffect, useRef, useState } from 'react';
import { useLive } from '#components/live/live-provider.tsx';
import { describeTransition } from '#lib/format/transition.ts';

/** A fault makes many changes at once: they are collected and told together. */
const COLLECT_MS = 2_000;
const NAMED = 3;

export function Announcer() {
  const transitions = useLive((live) => live.transitions);
  const model = useLive((live) => live.model);
  const isWaiting = useLive((live) => live.stream === 'connecting');
  const [text, setText] = useState('');
  const told = useRef<number | null>(null);
  const latest = useRef({ transitions, model });
  latest.current = { transitions, model };
  const newest = transitions.at(-1)?.id ?? 0;

  useEffect(() => {
    if (isWaiting) return;
    if (told.current === null) {
      told.current = newest;
      return;
    }
    if (newest <= told.current) return;
    const timer = setTimeout(() => {
      const fresh = latest.current.transitions.filter(({ id }) => id > (told.current ?? 0));
      told.current = fresh.at(-1)?.id ?? told.current;
      const titles = fresh.slice(0, NAMED).map((one) => describeTransition(one, latest.current.model).title);
      const more = fresh.length - titles.length;
      setText([...titles, ...(more > 0 ? [`and ${more} more changes`] : [])].join('; '));
    }, COLLECT_MS);
    return () => clearTimeout(timer);
  }, [newest, isWaiting]);

  return (
    <p aria-live="polite" className="sr-only">
      {text}
    </p>
  );
}
