/** Every address of Trellis, in one place. */
export const routes = {
  estate: '/',
  sources: '/sources',
  api: { stream: '/api/v1/stream' },
} as const;
