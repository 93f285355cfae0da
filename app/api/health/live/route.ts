import { json } from '#server/http/respond.ts';

/** This process answers. */
export function GET(): Response {
  return json({ status: 'ok' });
}
