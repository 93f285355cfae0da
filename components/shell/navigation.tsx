'use client';
/** The pages of Trellis: a column beside the page, a row above it on narrow screens. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { PAGES, pageAt } from '#lib/routes.ts';
import type { Href } from './href.ts';

/** One link a page; the current one is marked for everybody. */
export function Navigation() {
  const current = pageAt(usePathname())?.href;
  return (
    <nav
      aria-label="Pages"
      className="flex gap-0.5 border-line p-2 max-lg:overflow-x-auto max-lg:border-b lg:sticky lg:top-[51px] lg:h-[calc(100dvh-51px)] lg:w-36 lg:shrink-0 lg:flex-col lg:border-r"
    >
      {PAGES.map(({ title, href }) => (
        <Link
          key={href}
          href={href as Href}
          aria-current={current === href ? 'page' : undefined}
          className="rounded-sm px-2.5 py-1.5 whitespace-nowrap text-text-2 hover:bg-raised aria-[current=page]:bg-raised aria-[current=page]:font-semibold aria-[current=page]:text-text"
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}
