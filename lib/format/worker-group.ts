/** Workers whose names are never used again (pods, containers, instances), under the name that they share. Pure. */

/** Kubernetes makes names of these: no vowels, so that no words come about. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const POD_SUFFIX = new RegExp(`^[${SAFE}]{5}$`);
const ANY_SUFFIX = /^[a-z0-9]{5}$/;
const SAFE_HASH = new RegExp(`^[${SAFE}]{6,10}$`);
const ANY_HASH = /^(?=.*\d)[a-z0-9]{6,10}$/;
const CONTAINER = /^(?=.*\d)[0-9a-f]{12}$/;
const ADDRESS = /^ip(?:-\d{1,3}){4}$/;

/**
 * The name that a worker shares with others of its kind: `celery@web-*` of `celery@web-7f9c5d-abcde`; null = its name is
 * its own.
 */
export function workerGroupOf(name: string): string | null {
  const at = name.indexOf('@');
  if (at < 0) return null;
  const [label = '', ...domain] = name.slice(at + 1).split('.');
  const stem = stemOf(label);
  if (stem === null) return null;
  return [`${name.slice(0, at + 1)}${stem}*`, ...domain].join('.');
}

/** What stands before the part that was made up; null = nothing was. */
function stemOf(label: string): string | null {
  if (CONTAINER.test(label)) return '';
  if (ADDRESS.test(label)) return 'ip-';
  const steps = label.split('-');
  const [hash = '', suffix = ''] = steps.slice(-2);
  if (steps.length > 2 && isHash(hash) && ANY_SUFFIX.test(suffix)) return `${steps.slice(0, -2).join('-')}-`;
  if (steps.length > 1 && POD_SUFFIX.test(suffix)) return `${steps.slice(0, -1).join('-')}-`;
  return null;
}

function isHash(step: string): boolean {
  return SAFE_HASH.test(step) || ANY_HASH.test(step);
}

/** Some workers: one of its own name (`name` null), or all that share a name. */
export type WorkerGroup<T> = { name: string | null; rows: readonly T[] };

/** The groups in the order of their first row. One worker alone makes no group. */
export function groupWorkers<T extends { id: string }>(rows: readonly T[]): readonly WorkerGroup<T>[] {
  const groups = Map.groupBy(rows, ({ id }) => workerGroupOf(id) ?? id);
  return [...groups.values()].map((members) => ({
    name: members.length > 1 && members[0] !== undefined ? workerGroupOf(members[0].id) : null,
    rows: members,
  }));
}
