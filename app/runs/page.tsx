import { redirect } from 'next/navigation';
import { routes } from '#lib/routes.ts';

/** Runs are listed with the drills that they are of. */
export default function RunsPage() {
  redirect(routes.drills);
}
