'use client';
/** The title of the tab: what is wrong comes first, so that it is read there too. */
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { useLive, useNow } from '#components/live/live-provider.tsx';
import { verdictOf } from '#lib/format/verdict.ts';
import { pageAt } from '#lib/routes.ts';

export function DocumentTitle() {
  const path = usePathname();
  const model = useLive((live) => live.model);
  const name = useLive((live) => live.estate?.name);
  const now = useNow();
  const page = pageAt(path)?.title ?? 'Trellis';
  const problems = now === 0 ? 0 : verdictOf(model, now).problems;
  const title = [problems > 0 ? `(${problems}) ${page}` : page, name, 'Trellis'].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
