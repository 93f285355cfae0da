import { connection } from 'next/server';
import { FailuresView } from '#components/tasks/failures-view.tsx';

export default async function TaskFailuresPage() {
  await connection();
  return <FailuresView />;
}
