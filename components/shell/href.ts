import type { useRouter } from 'next/navigation';

/** What Next's typed routes accept; addresses from `lib/routes.ts` are known to exist. */
export type Href = Parameters<ReturnType<typeof useRouter>['push']>[0];
