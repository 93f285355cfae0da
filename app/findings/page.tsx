import { connection } from 'next/server';
import { FindingsView } from '#components/findings/findings-view.tsx';

export default async function FindingsPage() {
  await connection();
  return <FindingsView />;
}
