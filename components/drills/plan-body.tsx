'use client';
/** A plan: its guards, its steps, what it promises and what it may cost; made anew every second. */
import { useState } from 'react';
import { BUTTON } from '#components/ui/action-form.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import type { DrillEntry } from '#lib/contract/drills.ts';
import { hypothesisSentences, RISK_WORDS } from '#lib/format/drill.ts';
import { checksText, isClear, planChanges } from '#lib/format/drill-plan.ts';
import { andList } from '#lib/format/list.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { DrillPlan } from '#lib/model/drill.ts';
import { GuardList } from './guard-list.tsx';
import { PlanSteps } from './plan-steps.tsx';
import { PlanTimeline } from './plan-timeline.tsx';
import { StartForm } from './start-form.tsx';

export type PlanBodyProps = { entry: DrillEntry; plan: DrillPlan; targetName: string; now: number };

export function PlanBody({ entry, plan, targetName, now }: PlanBodyProps) {
  const [seen, setSeen] = useState(plan);
  const changes = planChanges(seen, plan);
  const ageMs = Math.max(0, now - plan.at);
  return (
    <div className="grid min-w-0 gap-3 xl:grid-cols-[minmax(0,28rem)_minmax(0,1fr)]">
      <div className="grid min-w-0 content-start gap-3">
        <Panel id="guards" title="Guards" note={`looked ${formatAge(ageMs)} ago, again every second`}>
          <p
            role="status"
            data-clear={isClear(plan)}
            className={`mb-1.5 break-words ${isClear(plan) ? 'text-text-2' : 'font-semibold text-down'}`}
          >
            {checksText(plan.checks)}
          </p>
          {changes.length > 0 && <Changed changes={changes} see={() => setSeen(plan)} />}
          <GuardList checks={plan.checks} sinceMs={ageMs} />
        </Panel>
        <Panel id="start" title="Start">
          <StartForm info={entry} isChanged={changes.length > 0} {...{ plan, targetName, ageMs }} />
        </Panel>
      </div>
      <div className="grid min-w-0 content-start gap-3">
        <Promised entry={entry} plan={plan} />
        <Panel id="steps" title="What it does" note="the exact calls, in this order">
          <PlanSteps steps={plan.steps} />
        </Panel>
        <Panel id="expected" title="What is expected when">
          <PlanTimeline plan={plan} />
        </Panel>
      </div>
    </div>
  );
}

/** The plan is another one than the reader began to read. */
function Changed({ changes, see }: { changes: readonly string[]; see: () => void }) {
  return (
    <div role="alert" data-changed className="mb-2 rounded-md border border-degraded/60 p-2.5 text-[12px]">
      <b className="font-semibold text-degraded">The plan has changed since you began to read it.</b>
      <ul className="my-1 list-disc pl-5">
        {changes.map((change) => (
          <li key={change} className="break-words">
            {change}
          </li>
        ))}
      </ul>
      <button type="button" className={BUTTON} onClick={see}>
        I have seen it
      </button>
    </div>
  );
}

function Promised({
  entry,
  plan: { hypothesis, radius, canaryQueues, warnings },
}: Pick<PlanBodyProps, 'entry' | 'plan'>) {
  const risk = RISK_WORDS[entry.risk];
  return (
    <Panel
      id="promised"
      title="What it is to prove"
      note={entry.proves}
      actions={<Tag look={entry.risk === 'forced' ? 'warn' : 'plain'}>{risk.word}</Tag>}
    >
      <div className="grid min-w-0 gap-2 sm:grid-cols-2">
        <Sentences title="Hypothesis" sentences={hypothesisSentences(hypothesis)} none="It promises nothing." />
        <Sentences title="Blast radius" sentences={radius} none="Trellis cannot tell what it would touch." />
        <Sentences title="Warnings" sentences={[risk.means, ...warnings]} none="" look="text-degraded" />
        <Sentences
          title="Canaries"
          sentences={canaryQueues.length === 0 ? [] : [`Numbered tasks go through ${andList(canaryQueues)}.`]}
          none="No canary: name the applications’ entrances: in trellis.yaml. Nothing is measured without."
        />
      </div>
    </Panel>
  );
}

type SentencesProps = { title: string; sentences: readonly string[]; none: string; look?: string };

function Sentences({ title, sentences, none, look = '' }: SentencesProps) {
  return (
    <section className="min-w-0">
      <h3 className="text-[12px] font-semibold text-text-2">{title}</h3>
      <ul className={`grid gap-0.5 ${look}`}>
        {[...new Set(sentences.length > 0 ? sentences : [none])].map((sentence) => (
          <li key={sentence} className="break-words">
            {sentence}
          </li>
        ))}
      </ul>
    </section>
  );
}
