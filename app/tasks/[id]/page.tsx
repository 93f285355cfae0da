import { connection } from 'next/server';
import { TaskView } from '#components/tasks/task-view.tsx';

export default async function TaskPage() {
  await connection();
  return <TaskView />;
}
