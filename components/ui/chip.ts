/** A button that is on or off, in a row of such; as on the other pages. */
export const CHIP =
  'rounded-full border border-line px-2 text-[12px] leading-6 whitespace-nowrap text-text-2 hover:bg-raised aria-pressed:border-accent aria-pressed:text-accent';
