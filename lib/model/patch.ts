/** Patches: the difference between two models, as it travels to browsers. `applyPatch(a, diff(a, b))` equals `b`. */
import { KINDS, type Kind, type Kinds, type Model } from './model.ts';

export type Patch = {
  upsert: { [K in Kind]?: Record<string, Kinds[K]> };
  remove: { [K in Kind]?: string[] };
};

/** What changed from `before` to `after`; entities are compared by identity, so the fold must keep unchanged ones. */
export function diff(before: Model, after: Model): Patch {
  const patch: Patch = { upsert: {}, remove: {} };
  for (const kind of KINDS) diffKind(kind, before, after, patch);
  return patch;
}

function diffKind<K extends Kind>(kind: K, before: Model, after: Model, patch: Patch): void {
  const old: Readonly<Record<string, Kinds[K]>> = before[kind];
  const next: Readonly<Record<string, Kinds[K]>> = after[kind];
  if (old === next) return;
  // Made from entries: an assignment would lose an entity named `__proto__`.
  const upsert = Object.fromEntries(Object.entries(next).filter(([id, entity]) => old[id] !== entity));
  const remove = Object.keys(old).filter((id) => !Object.hasOwn(next, id));
  if (Object.keys(upsert).length > 0) (patch.upsert as Record<Kind, unknown>)[kind] = upsert;
  if (remove.length > 0) patch.remove[kind] = remove;
}

/** True when applying the patch would change nothing. */
export function isEmptyPatch(patch: Patch): boolean {
  return Object.keys(patch.upsert).length === 0 && Object.keys(patch.remove).length === 0;
}

/** The model after the patch. Kinds and entities that the patch does not name keep their identity. */
export function applyPatch(model: Model, patch: Patch): Model {
  const next: Record<Kind, Readonly<Record<string, unknown>>> = { ...model };
  for (const kind of KINDS) {
    const upsert = patch.upsert[kind];
    const remove = patch.remove[kind];
    if (upsert === undefined && remove === undefined) continue;
    const entities: Record<string, unknown> = { ...model[kind], ...upsert };
    for (const id of remove ?? []) delete entities[id];
    next[kind] = entities;
  }
  return next as unknown as Model;
}
