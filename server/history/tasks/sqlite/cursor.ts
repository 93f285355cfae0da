/** Where a page ended, opaque to who asks for the next. Pure. */

/** The last task of a page: its id, and its runtime where the list is in that order. */
export type Cursor = { id: number; runtime?: number };

const CURSOR = /^\d+( \d+(\.\d+)?(e[+-]?\d+)?)?$/;

/** The text of a cursor. */
export function cursorOf({ id, runtime }: Cursor): string {
  return Buffer.from(runtime === undefined ? `${id}` : `${id} ${runtime}`).toString('base64url');
}

/** The cursor of a text. @throws Error with code CURSOR_INVALID */
export function readCursor(text: string): Cursor {
  const told = Buffer.from(text, 'base64url').toString();
  const [id = 0, runtime] = told.split(' ').map(Number);
  if (!CURSOR.test(told) || !Number.isSafeInteger(id)) {
    throw Object.assign(new Error('after: not a cursor of this list. Leave it out to begin anew'), {
      code: 'CURSOR_INVALID',
    });
  }
  return runtime === undefined ? { id } : { id, runtime };
}
