import { connection } from 'next/server';
import { RunView } from '#components/drills/run-view.tsx';

export default async function RunPage() {
  await connection();
  return <RunView />;
}
