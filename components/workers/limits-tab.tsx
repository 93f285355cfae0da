'use client';
/** The tasks that it knows, with their limits, and how to change these. */
import { useState } from 'react';
import { ActionButton } from '#components/live/action-button.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { type RegisteredTask, registeredTasks } from '#lib/format/worker-reply.ts';
import { Asked } from './asked.tsx';
import type { TabProps } from './tabs.tsx';

const RATE = /^\d+(\.\d+)?(\/[smh])?$/;
const WEEK_SECONDS = 604_800;

export function LimitsTab({ worker, now, command }: TabProps) {
  const [task, setTask] = useState<string | null>(null);
  return (
    <Asked worker={worker} now={now} method="registered" title="Tasks that it knows">
      {(reply) => (
        <>
          {task !== null && <LimitForm key={task} worker={worker.id} task={task} command={command} />}
          <DataTable
            name="registered"
            one="task"
            many="tasks"
            rows={registeredTasks(reply)}
            columns={COLUMNS}
            rowId={({ name }) => name}
            rowData={({ name }) => ({ 'data-registered': name })}
            selected={task}
            onSelect={setTask}
            empty="It knows no task: its application imports none."
          />
        </>
      )}
    </Asked>
  );
}

const COLUMNS: readonly Column<RegisteredTask>[] = [
  { id: 'task', title: 'Task', value: ({ name }) => name },
  { id: 'rate', title: 'Rate limit', value: ({ rateLimit }) => rateLimit ?? 'none' },
  { id: 'soft', title: 'Soft time limit, s', value: ({ softTimeLimit }) => softTimeLimit, align: 'right', wide: true },
  { id: 'hard', title: 'Time limit, s', value: ({ timeLimit }) => timeLimit, align: 'right', wide: true },
];

type LimitFormProps = { worker: string; task: string; command: TabProps['command'] };

function LimitForm({ worker: own, task, command }: LimitFormProps) {
  const [isEverywhere, setEverywhere] = useState(false);
  const worker = isEverywhere ? null : own;
  const [rate, setRate] = useState('');
  const [soft, setSoft] = useState('');
  const [hard, setHard] = useState('');
  const [softSeconds, hardSeconds] = [secondsOf(soft), secondsOf(hard)];
  return (
    <fieldset className="mb-2 flex flex-wrap items-end gap-x-6 gap-y-2 rounded-sm border border-line p-2 text-[12px]">
      <legend className="px-1 font-mono">{task}</legend>
      <div className="flex flex-wrap items-end gap-1.5">
        <TextField name="Rate: 10/s, 10/m, 10/h; 0 = none" value={rate} onChange={setRate} wide />
        <ActionButton
          action="worker.limits"
          pointless={RATE.test(rate) ? null : 'Write it as 10, 10/s, 10/m or 10/h'}
          onClick={() => command({ method: 'rate_limit', worker, task, rate })}
        >
          Limit rate…
        </ActionButton>
      </div>
      <div className="flex flex-wrap items-end gap-1.5">
        <TextField name="Soft, seconds" value={soft} onChange={setSoft} />
        <TextField name="Hard, seconds" value={hard} onChange={setHard} />
        <ActionButton
          action="worker.limits"
          pointless={
            softSeconds === undefined || hardSeconds === undefined
              ? 'Write seconds, or nothing for no limit'
              : softSeconds !== null && hardSeconds !== null && softSeconds >= hardSeconds
                ? 'The soft limit comes before the hard one'
                : null
          }
          onClick={() =>
            command({ method: 'time_limit', worker, task, soft: softSeconds ?? null, hard: hardSeconds ?? null })
          }
        >
          Limit time…
        </ActionButton>
      </div>
      <label className="flex items-center gap-1.5 text-text-2">
        <input type="checkbox" checked={isEverywhere} onChange={(event) => setEverywhere(event.target.checked)} />
        on every worker
      </label>
    </fieldset>
  );
}

/** null = no limit; undefined = that is no number of seconds. */
function secondsOf(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 && seconds <= WEEK_SECONDS ? seconds : undefined;
}

type TextFieldProps = { name: string; value: string; onChange(value: string): void; wide?: boolean };

function TextField({ name, value, onChange, wide = false }: TextFieldProps) {
  return (
    <label className={`grid gap-0.5 ${wide ? 'w-52' : 'w-24'}`}>
      <span className="text-text-2">{name}</span>
      <input
        inputMode={wide ? 'text' : 'decimal'}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={FIELD}
      />
    </label>
  );
}
