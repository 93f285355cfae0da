/** Structural equality of plain data (objects, arrays, primitives), so that unchanged entities keep their identity. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}

/** The new entities, with every one that did not change, and the whole where none did, kept by identity. */
export function keepEqual<T>(
  before: Readonly<Record<string, T>>,
  next: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  let changed = Object.keys(before).length !== Object.keys(next).length;
  // Made from entries: an assignment would lose an entity named `__proto__`.
  const kept = Object.entries(next).map(([id, entity]): [string, T] => {
    const old = before[id];
    const same = old !== undefined && equal(old, entity);
    changed ||= !same;
    return [id, same ? old : entity];
  });
  return changed ? Object.fromEntries(kept) : before;
}
