'use client';
/** The pages of Trellis. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ComponentProps } from 'react';
import { routes } from '#lib/routes.ts';

const PAGES: readonly { title: string; href: ComponentProps<typeof Link>['href'] }[] = [
  { title: 'Estate', href: routes.estate },
  { title: 'Sources', href: routes.sources },
];

/** One link a page; the current one is marked for everybody. */
export function Navigation() {
  const path = usePathname();
  return (
    <nav aria-label="Pages" className="flex gap-1">
      {PAGES.map(({ title, href }) => (
        <Link
          key={title}
          href={href}
          aria-current={path === href ? 'page' : undefined}
          className="rounded-sm px-2 py-0.5 text-text-2 hover:bg-raised aria-[current=page]:bg-raised aria-[current=page]:font-semibold aria-[current=page]:text-text"
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}
