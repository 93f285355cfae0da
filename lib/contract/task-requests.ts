/** What the API of tasks is asked besides a page of them. */
import { z } from 'zod';
import { TASK_SORTS, taskFilterSchema } from './tasks.ts';

/** `/api/v1/tasks/suggestions` takes no parameters. */
export const noParametersSchema = z.strictObject({});

/** Celery's task id, in the path. */
export const taskIdSchema = z.string().min(1).max(255);

/** `/api/v1/tasks/activity`: a filter, and into how many buckets its time is cut. */
export const activityQuerySchema = taskFilterSchema.extend({
  buckets: z.coerce.number().int().min(1).max(120).default(60),
});

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** `/api/v1/tasks/export`: a filter, the order, and the form of the file. */
export const exportQuerySchema = taskFilterSchema.extend({
  format: z.enum(EXPORT_FORMATS).default('csv'),
  sort: z.enum(TASK_SORTS).default('newest'),
});
export type ExportQuery = z.infer<typeof exportQuerySchema>;

/** More rows than these are not exported in one go. */
export const EXPORT_ROWS_MAX = 1_000_000;

/** Headers of an export, for its progress. */
export const EXPORT_HEADERS = {
  /** How many tasks match. */
  total: 'x-total-rows',
  /** `no` = there are more than the total says. */
  exact: 'x-total-exact',
  /** How many rows an export carries at most. */
  limit: 'x-row-limit',
} as const;
