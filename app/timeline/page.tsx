import { connection } from 'next/server';
import { TimelineView } from '#components/timeline/timeline-view.tsx';

export default async function TimelinePage() {
  await connection();
  return <TimelineView />;
}
