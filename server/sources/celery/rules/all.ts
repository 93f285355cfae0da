/** The findings about what Celery's own events tell, and about how they are taken in. */
import type { Rule } from '#server/model/rule.ts';
import { eventsMissed } from './events-missed.ts';
import { eventsNotSent } from './events-not-sent.ts';
import { intakeBehind } from './intake-behind.ts';
import { intakeNotStoring } from './intake-not-storing.ts';
import { POSTURE_RULES } from './posture.ts';
import { tasksStuckOnSilentWorker } from './tasks-stuck-on-silent-worker.ts';
import { workerClockSkewed } from './worker-clock-skewed.ts';
import { workerNotConsuming } from './worker-not-consuming.ts';
import { workerSilent } from './worker-silent.ts';

export const CELERY_RULES: readonly Rule[] = [
  ...[workerSilent, workerNotConsuming, tasksStuckOnSilentWorker, workerClockSkewed],
  ...[intakeNotStoring, intakeBehind, eventsMissed, eventsNotSent],
  ...POSTURE_RULES,
];
