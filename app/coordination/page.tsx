import { connection } from 'next/server';
import { CoordinationView } from '#components/coordination/coordination-view.tsx';

export default async function CoordinationPage() {
  await connection();
  return <CoordinationView />;
}
