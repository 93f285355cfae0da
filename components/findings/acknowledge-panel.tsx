'use client';
/** Who is on a finding; and the form that says "I am". */
import { useState } from 'react';
import { useMay } from '#components/live/use-may.ts';
import { ClockTime } from '#components/ui/time.tsx';
import { ACKNOWLEDGE_LIMITS } from '#lib/contract/acknowledge-limits.ts';
import { acknowledgementOf } from '#lib/format/finding.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { Acknowledgement, Finding } from '#lib/model/finding.ts';
import { useAcknowledge } from './use-findings.ts';

const HOURS: readonly (readonly [hours: number, title: string])[] = [
  [0.25, '15 minutes'],
  [1, '1 hour'],
  [4, '4 hours'],
  [24, '1 day'],
  [72, '3 days'],
  [168, '1 week'],
];
const BUTTON = 'rounded-sm border border-line bg-raised px-2 py-0.5 disabled:text-text-3';
/** As the gate wants a reason. */
const REASON = {
  required: true,
  pattern: '.*\\S.*\\S.*\\S.*',
  title: 'three letters at least',
  maxLength: ACKNOWLEDGE_LIMITS.reasonLetters,
} as const;
const FIELD = 'h-7 w-full min-w-0 rounded-sm border border-line bg-canvas px-2';

type Props = { finding: Finding; now: number };

export function AcknowledgePanel({ finding, now }: Props) {
  const acknowledged = acknowledgementOf(finding, now);
  return acknowledged === null ? (
    <AcknowledgeForm id={finding.id} />
  ) : (
    <Acknowledged id={finding.id} acknowledged={acknowledged} now={now} />
  );
}

function Acknowledged({ id, acknowledged, now }: { id: string; acknowledged: Acknowledgement; now: number }) {
  const { by, reason, at, until } = acknowledged;
  const [why, setWhy] = useState('');
  const withdraw = useAcknowledge();
  const { may, why: refusal } = useMay('finding.acknowledge');
  return (
    <section aria-label="Acknowledged" className="min-w-0">
      <p className="break-words">
        <b className="font-semibold">Acknowledged</b> by {by} at <ClockTime at={at} />: “{reason}”. Until{' '}
        <ClockTime at={until} /> (for {formatAge(until - now)} more) it neither leads nor counts.
      </p>
      <form
        aria-label="Withdraw"
        className="mt-1 flex max-w-xl min-w-0 flex-wrap items-end gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          withdraw.mutate({ method: 'DELETE', body: { id, reason: why.trim() } });
        }}
      >
        <label className="grid min-w-0 flex-1 gap-0.5">
          <span className="text-text-2">Why it is withdrawn</span>
          <input {...REASON} value={why} onChange={(event) => setWhy(event.target.value)} className={FIELD} />
        </label>
        <button type="submit" disabled={!may || withdraw.isPending || withdraw.isSuccess} className={`h-7 ${BUTTON}`}>
          Withdraw
        </button>
      </form>
      <Refusal text={refusal} />
      <Failure error={withdraw.error} what="withdrawn" />
    </section>
  );
}

function AcknowledgeForm({ id }: { id: string }) {
  const [by, setBy] = useState('');
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(4);
  const send = useAcknowledge();
  const { may, why: refusal } = useMay('finding.acknowledge');
  return (
    <form
      aria-label="Acknowledge"
      className="grid max-w-xl min-w-0 gap-1.5 sm:grid-cols-[9rem_minmax(0,1fr)_7rem_auto] sm:items-end"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate({ method: 'POST', body: { id, by: by.trim(), reason: reason.trim(), hours } });
      }}
    >
      <label className="grid min-w-0 gap-0.5">
        <span className="text-text-2">You</span>
        <input
          required
          pattern=".*\S.*"
          maxLength={ACKNOWLEDGE_LIMITS.byLetters}
          autoComplete="name"
          value={by}
          onChange={(event) => setBy(event.target.value)}
          className={FIELD}
        />
      </label>
      <label className="grid min-w-0 gap-0.5">
        <span className="text-text-2">Why it may stay so</span>
        <input {...REASON} value={reason} onChange={(event) => setReason(event.target.value)} className={FIELD} />
      </label>
      <label className="grid min-w-0 gap-0.5">
        <span className="text-text-2">For</span>
        <select value={hours} onChange={(event) => setHours(Number(event.target.value))} className={FIELD}>
          {HOURS.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" disabled={!may || send.isPending || send.isSuccess} className={`h-7 ${BUTTON}`}>
        Acknowledge
      </button>
      <Refusal text={refusal} />
      <Failure error={send.error} what="acknowledged" />
    </form>
  );
}

/** Why the button cannot be pressed. */
function Refusal({ text }: { text: string | null }) {
  return text === null ? null : <p className="break-words text-text-2 sm:col-span-full">{text}</p>;
}

function Failure({ error, what }: { error: Error | null; what: string }) {
  if (error === null) return null;
  return (
    <p role="alert" className="break-words text-down sm:col-span-full">
      It was not {what}: {error.message}
    </p>
  );
}
