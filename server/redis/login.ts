/** How to sign in at a Redis or a Sentinel; undefined = not asked for. */
export type RedisLogin = { user?: string | undefined; password?: string | undefined };
