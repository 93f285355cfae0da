import { connection } from 'next/server';
import { BeatView } from '#components/beat/beat-view.tsx';

export default async function BeatPage() {
  await connection();
  return <BeatView />;
}
