/** A line without axes, for cards and rows. */

const WIDTH = 64;
const HEIGHT = 16;

/**
 * Draws the values, oldest first; a gap where one is null. A decoration: the figure itself stands
 * beside it, `label` is for the pointer. Its place is kept while there is nothing to draw, so that nothing moves when there is.
 */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const path = pathOf(values);
  return (
    <svg aria-hidden viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} className="shrink-0">
      <title>{label}</title>
      <path d={path} fill="none" stroke="currentColor" strokeWidth={1.25} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** The path of a line through the values, scaled to the box with zero (or the least below it) at the bottom. */
export function pathOf(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return '';
  const low = Math.min(0, ...known);
  const span = Math.max(...known) - low || 1;
  const step = WIDTH / Math.max(1, values.length - 1);
  let isDown = false;
  return values
    .map((value, i) => {
      if (value === null) {
        isDown = false;
        return '';
      }
      const command = isDown ? 'L' : 'M';
      isDown = true;
      return `${command}${(i * step).toFixed(1)} ${(HEIGHT - 1 - ((value - low) / span) * (HEIGHT - 2)).toFixed(1)}`;
    })
    .join('');
}
