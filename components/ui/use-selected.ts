'use client';
/** The selected entity, kept in the URL as `?select=<kind>/<id>`: a link shows the same detail to everybody. */
import { parseAsString, useQueryState } from 'nuqs';
import type { Kind } from '#lib/model/model.ts';
import { SELECT } from '#lib/routes.ts';

export type Selected = { kind: string; id: string } | null;

/** What is selected, and how to select something else (null = nothing). */
export function useSelected(): [Selected, (kind: Kind, id: string | null) => void] {
  const [text, setText] = useQueryState(SELECT, parseAsString);
  const slash = text?.indexOf('/') ?? -1;
  const selected = text === null || slash < 0 ? null : { kind: text.slice(0, slash), id: text.slice(slash + 1) };
  return [selected, (kind, id) => void setText(id === null ? null : `${kind}/${id}`)];
}
