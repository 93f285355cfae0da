import { connection } from 'next/server';
import { DrillsView } from '#components/drills/drills-view.tsx';

export default async function DrillsPage() {
  await connection();
  return <DrillsView />;
}
