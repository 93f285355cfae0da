import { expect, it } from 'vitest';
import { flowerProblem, flowerTotal } from './ingest-contestants.ts';

it('the events that Flower has taken are the sum over workers, types and tasks, and of nothing else', () => {
  const text = [
    '# TYPE flower_events_total counter',
    'flower_events_total{task="a.b",type="task-sent",worker="gen1@h"} 1200.0',
    'flower_events_total{task="",type="worker-heartbeat",worker="celery@h"} 1.5e+06',
    'flower_events_created{task="a.b",type="task-sent",worker="gen1@h"} 1.79e+09',
    'flower_worker_online{worker="celery@h"} 1.0',
  ].join('\n');
  expect(flowerTotal(text)).toBe(1_501_200);
});

it('a folder without Flower is told as such', () => {
  expect(flowerProblem('/nowhere')).toMatch(/no checkout of Flower/);
});
