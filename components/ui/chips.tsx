/** Buttons that are on or off, in rows; the same on every page. */
import type { ComponentProps, ReactNode } from 'react';

const CHIP =
  'rounded-full border border-line px-2 text-[12px] leading-6 whitespace-nowrap text-text-2 hover:bg-raised aria-pressed:border-accent aria-pressed:text-accent';

/** `legend` = what is chosen here, for those who do not see the row. */
export function Chips({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">{legend}</legend>
      {children}
    </fieldset>
  );
}

/** Everything else that a button takes is handed on to it. */
export function Chip({ isOn, ...rest }: Omit<ComponentProps<'button'>, 'type' | 'className'> & { isOn: boolean }) {
  return <button type="button" aria-pressed={isOn} className={CHIP} {...rest} />;
}
