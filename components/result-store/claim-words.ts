/** Sentinels' claims in words. */
import type { Settled } from '#lib/model/claims.ts';

/** What is held true, and how many Sentinels say so. */
export type ClaimWords = { what: string; by: string; agreed: boolean };

/** The words for claims of `total` Sentinels; `show` names one value. */
export function claimWords<T>(settled: Settled<T>, total: number, show: (value: T) => string): ClaimWords {
  const { value, agreement, current, lapsed } = settled;
  const all = (claims: readonly { value: T }[]) => [...new Set(claims.map((claim) => show(claim.value)))].join(' or ');
  if (agreement === 'none') {
    const what = lapsed.length === 0 ? 'not known' : `${all(lapsed)} when last heard`;
    return { what, by: 'no Sentinel answers', agreed: false };
  }
  if (value === null) return { what: all(current), by: 'Sentinels disagree', agreed: false };
  const votes = current.filter((claim) => claim.value === value).length;
  const count = `${votes} of ${total} Sentinels`;
  const agreed = votes === current.length;
  const silent = lapsed.length === 0 ? '' : `, ${lapsed.length} silent`;
  return { what: show(value), by: `${agreed ? '' : 'Sentinels disagree: '}${count}${silent}`, agreed };
}
