/** Steps of addresses: names of workers and ids of tasks are free text, and escaped. */

/** A step of the request's path, counted from its end (0 = the last), unescaped; null = badly escaped. */
export function pathStep(request: Request, fromEnd: number): string | null {
  try {
    return decodeURIComponent(new URL(request.url).pathname.split('/').at(-1 - fromEnd) ?? '');
  } catch {
    return null;
  }
}
