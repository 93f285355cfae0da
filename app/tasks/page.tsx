import { connection } from 'next/server';
import { TasksView } from '#components/tasks/tasks-view.tsx';

export default async function TasksPage() {
  await connection();
  return <TasksView />;
}
