'use client';
/** The pool: how large it is, and how to change that. */
import { useState } from 'react';
import { ActionButton } from '#components/live/action-button.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { poolOf } from '#lib/format/worker-reply.ts';
import { Asked } from './asked.tsx';
import { Fact, Facts } from './facts.tsx';
import type { TabProps } from './tabs.tsx';

/** As many processes as one command may add or take. */
const STEP_MAX = 100;
const SCALE_MAX = 1_000;

export function PoolTab(props: TabProps) {
  const { worker, now } = props;
  return (
    <div className="grid gap-3">
      <Asked worker={worker} now={now} method="stats" title="Pool">
        {(reply) => <PoolFacts reply={reply} />}
      </Asked>
      <PoolControls {...props} />
    </div>
  );
}

function PoolFacts({ reply }: { reply: unknown }) {
  const { kind, concurrency, processes, prefetch, autoscale } = poolOf(reply);
  return (
    <Facts>
      <Fact name="Kind">{kind}</Fact>
      <Fact name="Concurrency">{concurrency}</Fact>
      <Fact name="Prefetch">{prefetch === 0 ? 'no limit' : prefetch}</Fact>
      <Fact name="Autoscale">{autoscale === null ? 'off' : `${autoscale.min ?? '?'} to ${autoscale.max ?? '?'}`}</Fact>
      <Fact name="Processes">
        {processes === null ? null : <span className="font-mono">{processes.join(', ') || 'none'}</span>}
      </Fact>
    </Facts>
  );
}

function PoolControls({ worker, command }: TabProps) {
  const { id } = worker;
  const [step, setStep] = useState(1);
  const [min, setMin] = useState(1);
  const [max, setMax] = useState(4);
  const stepProblem = isWhole(step, 1, STEP_MAX) ? null : `Write a whole number from 1 to ${STEP_MAX}`;
  const scaleProblem =
    isWhole(min, 0, SCALE_MAX) && isWhole(max, 1, SCALE_MAX) && min <= max
      ? null
      : 'Write whole numbers, min up to max';
  return (
    <div className="flex flex-wrap items-end gap-x-6 gap-y-2 border-t border-line pt-2 text-[12px]">
      <div className="flex flex-wrap items-end gap-1.5">
        <NumberField name="Processes" value={step} onChange={setStep} />
        <ActionButton
          action="worker.pool"
          pointless={stepProblem}
          onClick={() => command({ method: 'pool_grow', worker: id, n: step })}
        >
          Grow…
        </ActionButton>
        <ActionButton
          action="worker.pool"
          pointless={stepProblem}
          onClick={() => command({ method: 'pool_shrink', worker: id, n: step })}
        >
          Shrink…
        </ActionButton>
      </div>
      <div className="flex flex-wrap items-end gap-1.5">
        <NumberField name="Min" value={min} onChange={setMin} />
        <NumberField name="Max" value={max} onChange={setMax} />
        <ActionButton
          action="worker.pool"
          pointless={scaleProblem}
          onClick={() => command({ method: 'autoscale', worker: id, min, max })}
        >
          Autoscale…
        </ActionButton>
      </div>
      <ActionButton action="worker.restart-pool" onClick={() => command({ method: 'pool_restart', worker: id })}>
        Restart pool…
      </ActionButton>
    </div>
  );
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

type NumberFieldProps = { name: string; value: number; onChange(value: number): void };

/** An empty field is no number, and so no command. */
function NumberField({ name, value, onChange }: NumberFieldProps) {
  return (
    <label className="grid w-20 gap-0.5">
      <span className="text-text-2">{name}</span>
      <input
        type="number"
        min={0}
        step={1}
        value={Number.isNaN(value) ? '' : value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
        className={FIELD}
      />
    </label>
  );
}
