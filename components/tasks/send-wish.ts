/** What somebody typed into the form that sends a task, as the API takes it. Pure. */
import { type SendWish, sendSchema } from '#lib/contract/control.ts';

/** As it stands in the fields; empty = not given. */
export type SendForm = {
  name: string;
  queue: string;
  /** JSON. */
  args: string;
  kwargs: string;
  /** Seconds. */
  countdown: string;
  expires: string;
  priority: string;
  unregistered: boolean;
};

export const EMPTY_FORM: SendForm = {
  ...{ name: '', queue: '', args: '[]', kwargs: '{}', countdown: '', expires: '', priority: '', unregistered: false },
};

/** What is sent, or what is wrong with which field. */
export type ReadForm = { wish: SendWish } | { problems: Readonly<Partial<Record<keyof SendForm, string>>> };

type Problems = Partial<Record<keyof SendForm, string>>;

/** Reads the form; `retryOf` = the task that this one repeats. */
export function readForm(form: SendForm, retryOf: string | null): ReadForm {
  const problems: Problems = {};
  if (form.name.trim() === '') problems.name = 'Name the task';
  if (form.queue.trim() === '') problems.queue = 'Name the queue';
  const args = readJson(form.args, 'args', problems);
  const kwargs = readJson(form.kwargs, 'kwargs', problems);
  if (problems.args === undefined && !Array.isArray(args)) problems.args = 'Write a JSON array: [1, "x"]';
  if (problems.kwargs === undefined && (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)))
    problems.kwargs = 'Write a JSON object: {"key": 1}';
  const [countdown, expires, priority] = [numberOf(form.countdown), numberOf(form.expires), numberOf(form.priority)];
  const parsed = sendSchema.safeParse({
    ...{ name: form.name.trim(), queue: form.queue.trim(), args, kwargs, unregistered: form.unregistered },
    ...(countdown === null ? {} : { countdown }),
    ...(expires === null ? {} : { expires }),
    ...(priority === null ? {} : { priority }),
    ...(retryOf === null ? {} : { retryOf }),
  });
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [field] = path;
    if (isField(field, form)) problems[field] ??= message;
  }
  return parsed.success && Object.keys(problems).length === 0 ? { wish: parsed.data } : { problems };
}

function isField(field: unknown, form: SendForm): field is keyof SendForm {
  return typeof field === 'string' && Object.hasOwn(form, field);
}

/** Longer numbers change when JavaScript reads them, and the task would get another one. */
const LONG_NUMBER = /\d{16,}/;

function readJson(text: string, field: 'args' | 'kwargs', problems: Problems): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const outsideStrings = text.replace(/"(?:\\.|[^"\\])*"/g, '""');
    if (LONG_NUMBER.test(outsideStrings)) problems[field] = 'A number has more than 15 digits: write it as a string';
    return value;
  } catch (error) {
    problems[field] = `This is no JSON: ${(error as Error).message}`;
    return undefined;
  }
}

/** NaN where it is no number, so that the schema says so. */
function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
