/** Choices of the reader that the server must know for the first picture, so they are cookies. */

const YEAR_SECONDS = 31_536_000;

export function keepChoice(name: 'clock' | 'theme', value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox before 140 and in older Safari.
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}
