/** What the page would show of a model: the same rules, asked by the same clock. Pure. */
import { HOSTS, hostsOf } from '#lab/layout.ts';
import type { Kind, Model } from '#lib/model/model.ts';
import { partsOf } from '#lib/model/parts.ts';
import type { Shown } from '#lib/model/status.ts';

/** One card of the rack. */
export type ShownCard = {
  readonly kind: Kind;
  readonly id: string;
  readonly shown: Shown;
  /** The keys of the readings that it rests on. */
  readonly observers: readonly string[];
};

/** Brokers, Redis nodes, Sentinels, proxies and Consul servers on every host; beats and workers where they run. */
const WHOLE_CARDS = 5 * HOSTS.length + hostsOf('beat').length + hostsOf('worker').length;

/** Every card at `now` (the server's clock). */
export function cardsOf(model: Model, now: number): ShownCard[] {
  return partsOf(model, now).map(({ kind, id, status, word }) => ({
    kind,
    id,
    shown: { status, word },
    observers: observersOf(model[kind][id], model),
  }));
}

/** The cards that are not ok. */
export function notOk(model: Model, now: number): ShownCard[] {
  return cardsOf(model, now).filter(({ shown }) => shown.status !== 'ok');
}

/** Every card of the whole lab is there and ok. */
export function isWholeShown(model: Model, now: number): boolean {
  const cards = cardsOf(model, now);
  return cards.length >= WHOLE_CARDS && cards.every(({ shown }) => shown.status === 'ok');
}

/** The readings that an entity names anywhere: whatever its shape, these are its observers. */
export function observersOf(entity: unknown, model: Model): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') {
      if (Object.hasOwn(model.readings, value)) found.add(value);
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) walk(part);
    }
  };
  walk(entity);
  return [...found];
}
