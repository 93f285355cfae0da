import { connection } from 'next/server';
import { ProxiesView } from '#components/proxies/proxies-view.tsx';

export default async function ProxiesPage() {
  await connection();
  return <ProxiesView />;
}
