'use client';
/** What the reader may do, so that a button that would be refused says so before it is pressed. */
import { useSyncExternalStore } from 'react';
import type { Session } from '#lib/contract/session.ts';
import { type ActionId, describeRefusal } from '#lib/permissions.ts';
import { routes } from '#lib/routes.ts';
import { createSessionStore, type SessionState } from './session-store.ts';

const STORE = createSessionStore(routes.api.session);

/** `why` = why not, for people; null = it may be done, or it is not known yet. */
export type May = { may: boolean; why: string | null };

/** Whether the reader may do an action. Until the server said so they may not. */
export function useMay(action: ActionId): May {
  return mayOf(useSessionState(), action);
}

/** The reader's session; null = not known yet. */
export function useSession(): Session | null {
  return useSessionState().session;
}

/** As `useMay`, of a state that is at hand. */
export function mayOf({ session, failed }: SessionState, action: ActionId): May {
  if (session === null) return { may: false, why: failed };
  const refusal = session.may[action];
  if (refusal === null) return { may: true, why: null };
  return { may: false, why: describeRefusal(refusal, action, session.identity.role) };
}

function useSessionState(): SessionState {
  return useSyncExternalStore(STORE.subscribe, STORE.get, STORE.get);
}
