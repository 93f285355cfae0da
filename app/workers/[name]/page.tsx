import { connection } from 'next/server';
import { WorkerView } from '#components/workers/worker-view.tsx';

export default async function WorkerPage() {
  await connection();
  return <WorkerView />;
}
