/** Redaction: nothing that leaves Trellis may carry credentials. */

/** Replaces the user info of every `scheme://user:pass@` in a text; a password may hold an `@` itself. */
export function redact(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/([a-z][a-z0-9+.-]{0,63}:\/\/)[^/\s'"]*@/gi, '$1***@');
}
