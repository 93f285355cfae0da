import { connection } from 'next/server';
import { AuditView } from '#components/audit/audit-view.tsx';

export default async function AuditPage() {
  await connection();
  return <AuditView />;
}
