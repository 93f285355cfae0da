import { connection } from 'next/server';
import { ResultStoreView } from '#components/result-store/result-store-view.tsx';

export default async function ResultStorePage() {
  await connection();
  return <ResultStoreView />;
}
