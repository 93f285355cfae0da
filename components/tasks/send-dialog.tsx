'use client';
/** Sending a task by its name: a new one, or another one with its arguments edited. */
import { type ReactNode, useId, useState } from 'react';
import { OperationDialog } from '#components/live/operation-dialog.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { Modal } from '#components/ui/modal.tsx';
import type { TaskDetail } from '#lib/model/task.ts';
import { routes } from '#lib/routes.ts';
import { isMasked, jsonOfPrinted, jsonOfPython } from './python-json.ts';
import { useRetryPlan } from './retry-plan.ts';
import { EMPTY_FORM, readForm, type SendForm } from './send-wish.ts';
import { useTaskSuggestions } from './use-tasks.ts';

const AREA = 'min-h-14 w-full min-w-0 rounded-sm border border-line bg-canvas px-2 py-1 font-mono';

/** With the arguments of a task to begin with, as far as they can be told. */
export function SendAgainDialog({ task, close }: { task: TaskDetail; close: () => void }) {
  const { data: plan, isPending } = useRetryPlan(task.id);
  const title = `Send ${task.name ?? 'task'} again`;
  if (isPending)
    return (
      <Modal title={title} close={close}>
        <p aria-busy className="text-[12px]">
          Reading its arguments…
        </p>
      </Modal>
    );
  const jsonOf = (planned: string | null | undefined, printed: string | null) =>
    planned == null || isMasked(planned) ? jsonOfPrinted(printed) : jsonOfPython(planned);
  const args = jsonOf(plan?.args, task.args);
  const kwargs = jsonOf(plan?.kwargs, task.kwargs);
  const first: SendForm = {
    ...EMPTY_FORM,
    name: task.name ?? '',
    queue: plan?.queue ?? task.queue ?? '',
    args: args ?? '',
    kwargs: kwargs ?? '',
  };
  return (
    <SendDialog title={title} first={first} retryOf={task.id} close={close}>
      {(args === null || kwargs === null) && (
        <p className="break-words text-degraded">
          Its arguments cannot be read back as JSON: write them anew. They were printed as{' '}
          <span className="font-mono">
            {task.args ?? 'not told'} {task.kwargs ?? ''}
          </span>
        </p>
      )}
    </SendDialog>
  );
}

export type SendDialogProps = {
  title: string;
  first?: SendForm;
  /** The task that it repeats. */
  retryOf?: string | null;
  close: () => void;
  /** A remark above the fields. */
  children?: ReactNode;
};

export function SendDialog({ title, first = EMPTY_FORM, retryOf = null, close, children }: SendDialogProps) {
  const [form, setForm] = useState(first);
  const [isTouched, setTouched] = useState(false);
  const seen = useTaskSuggestions().data;
  const read = readForm(form, retryOf);
  const problems = 'problems' in read ? read.problems : {};
  const change = (part: Partial<SendForm>) => {
    setTouched(true);
    setForm({ ...form, ...part });
  };
  const field = (name: keyof typeof problems, label: string) => ({
    label,
    // An empty form is no mistake yet.
    problem: isTouched ? (problems[name] ?? null) : null,
  });
  return (
    <OperationDialog
      title={title}
      effect={<p>A task is published under this name and waits in the queue until a worker takes it.</p>}
      verb="Send"
      url={routes.api.taskSend}
      body={'wish' in read ? read.wish : null}
      close={close}
    >
      {children}
      <TextField
        {...field('name', 'Task')}
        value={form.name}
        seen={seen?.names ?? []}
        onChange={(name) => change({ name })}
      />
      <TextField
        {...field('queue', 'Queue')}
        value={form.queue}
        seen={seen?.queues ?? []}
        onChange={(queue) => change({ queue })}
      />
      <Field {...field('args', 'Arguments, a JSON array')}>
        <textarea
          value={form.args}
          spellCheck={false}
          onChange={(event) => change({ args: event.target.value })}
          className={AREA}
        />
      </Field>
      <Field {...field('kwargs', 'Keyword arguments, a JSON object')}>
        <textarea
          value={form.kwargs}
          spellCheck={false}
          onChange={(event) => change({ kwargs: event.target.value })}
          className={AREA}
        />
      </Field>
      <div className="grid gap-2 sm:grid-cols-3">
        <TextField
          {...field('countdown', 'Not before, in seconds')}
          value={form.countdown}
          onChange={(countdown) => change({ countdown })}
        />
        <TextField
          {...field('expires', 'Expires after, in seconds')}
          value={form.expires}
          onChange={(expires) => change({ expires })}
        />
        <TextField
          {...field('priority', 'Priority, 0 to 255')}
          value={form.priority}
          onChange={(priority) => change({ priority })}
        />
      </div>
      <label className="flex items-baseline gap-1.5 text-text-2">
        <input
          type="checkbox"
          checked={form.unregistered}
          onChange={(event) => change({ unregistered: event.target.checked })}
        />
        Also if no worker that answers knows the name
      </label>
    </OperationDialog>
  );
}

type FieldProps = { label: string; problem: string | null; children: ReactNode };

function Field({ label, problem, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label className="grid min-w-0 gap-0.5">
      <span className="text-text-2">{label}</span>
      {children}
      {problem !== null && <span className="break-words text-degraded">{problem}</span>}
    </label>
  );
}

type TextFieldProps = Omit<FieldProps, 'children'> & {
  value: string;
  /** Offered while typing. */
  seen?: readonly string[];
  onChange(value: string): void;
};

function TextField({ value, seen = [], onChange, ...field }: TextFieldProps) {
  const list = useId();
  return (
    <Field {...field}>
      <input
        value={value}
        autoComplete="off"
        spellCheck={false}
        list={seen.length > 0 ? list : undefined}
        onChange={(event) => onChange(event.target.value)}
        className={FIELD}
      />
      {seen.length > 0 && (
        <datalist id={list}>
          {seen.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </Field>
  );
}
