import type { Metadata } from 'next';
import { connection } from 'next/server';
import { SourcesView } from '#components/sources/sources-view.tsx';

export const metadata: Metadata = { title: 'Sources · Trellis' };

export default async function SourcesPage() {
  await connection();
  return <SourcesView />;
}
