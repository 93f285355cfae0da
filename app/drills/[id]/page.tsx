import { connection } from 'next/server';
import { PlanView } from '#components/drills/plan-view.tsx';

export default async function PlanPage() {
  await connection();
  return <PlanView />;
}
