/** Parameters as Tornado reads them: of the address and of a form, the last of each name counts. */
import { FlowerError } from './text.ts';

const TRUE = ['y', 'yes', 't', 'true', 'on', '1'];
const FALSE = ['n', 'no', 'f', 'false', 'off', '0'];

/** Reads what a caller gave. Everything throws FlowerError 400 in Flower's words for what is none. */
export type Parameters = {
  /** null = not given, or empty. */
  text(name: string): string | null;
  required(name: string): string;
  integer<D>(name: string, other: D): number | D;
  number(name: string): number | null;
  flag(name: string): boolean;
  /** Every name that was given. */
  names(): readonly string[];
};

/** The parameters of an address, and of a form behind it. */
export function parametersOf(url: string, form = ''): Parameters {
  const given = new URLSearchParams([...new URL(url).searchParams, ...new URLSearchParams(form)]);
  const last = (name: string) => given.getAll(name).at(-1)?.trim() ?? null;
  const text = (name: string) => last(name) || null;
  return {
    text,
    names: () => [...new Set(given.keys())],
    required(name) {
      const value = last(name);
      if (value === null || value === '') throw new FlowerError(400, `Missing argument ${name}`);
      return value;
    },
    integer(name, other) {
      const value = text(name);
      if (value === null) return other;
      if (!/^[+-]?\d{1,15}$/.test(value)) throw wrong(value, 'int');
      return Number(value);
    },
    number(name) {
      const value = text(name);
      if (value === null) return null;
      if (!Number.isFinite(Number(value))) throw wrong(value, 'float');
      return Number(value);
    },
    flag(name) {
      const value = text(name)?.toLowerCase();
      if (value === undefined || FALSE.includes(value)) return false;
      if (TRUE.includes(value)) return true;
      throw wrong(value, 'bool');
    },
  };
}

function wrong(value: string, type: string): FlowerError {
  return new FlowerError(400, `Invalid argument '${value}' of type '${type}'`);
}

const MOMENT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?$/;

/** A time (epoch ms) as Flower's callers write it, `2026-11-22 08:00` or with `:30.5`; it is taken as UTC. null = it is none. */
export function momentOf(text: string): number | null {
  const parts = MOMENT.exec(text);
  if (parts === null) return null;
  const [, day, minute, seconds = ':00'] = parts;
  const at = Date.parse(`${day}T${minute}${seconds}Z`);
  return Number.isNaN(at) ? null : at;
}
