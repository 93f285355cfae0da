import { connection } from 'next/server';
import { WorkersView } from '#components/workers/workers-view.tsx';

export default async function WorkersPage() {
  await connection();
  return <WorkersView />;
}
