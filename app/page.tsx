import { connection } from 'next/server';
import { EstateView } from '#components/estate/estate-view.tsx';

export default async function EstatePage() {
  await connection();
  return <EstateView />;
}
