/** The database that the URL of a Redis names: 1 of `redis://10.0.0.1:6380/1`, and 0 where it names none. */
export function databaseOf(url: string): number {
  return Number(/^rediss?:\/\/[^/]+\/(\d+)/.exec(url)?.[1] ?? 0);
}
