'use client';
/** All that is known of one finding: who says it, what it means, what mends it, and who is on it. */
import { Check, Copy } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { Age, ClockTime } from '#components/ui/time.tsx';
import { observerName } from '#lib/format/finding.ts';
import { entityName } from '#lib/format/names.ts';
import { questionOf } from '#lib/format/reading.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { entityRoute } from '#lib/routes.ts';
import { AcknowledgePanel } from './acknowledge-panel.tsx';
import type { FindingProps } from './finding-row.tsx';
import { useFindingCode } from './use-findings.ts';

export function FindingDetail({ finding, model, now }: FindingProps) {
  const { code, subject, host, since, evidence, advice } = finding;
  const name = entityName(subject.kind, subject.id, model);
  return (
    <div className="mt-1 mb-2 ml-2 grid min-w-0 gap-3 border-l-2 border-line py-1 pl-3 text-[12px]">
      <p className="flex flex-wrap gap-x-3 text-text-2">
        <span className="font-mono">{code}</span>
        {subject.kind === 'hosts' ? (
          <span>{name}</span>
        ) : (
          <Link
            href={entityRoute(subject.kind, subject.id)}
            className="min-w-0 break-words text-accent hover:underline"
          >
            {name}
          </Link>
        )}
        {host !== null && host !== name && <span>on {host}</span>}
        <span>
          since <ClockTime at={since} />
        </span>
      </p>
      <Part title="Who says so">
        <ul className="grid gap-0.5">
          {evidence.map((one) => (
            <EvidenceLine key={`${one.by} ${one.says}`} evidence={one} model={model} now={now} />
          ))}
        </ul>
      </Part>
      <Part title="What to do">
        <p className="break-words">
          <Prose text={advice.text} />
        </p>
        {advice.command !== null && <Command text={advice.command} />}
      </Part>
      <Meaning code={code} />
      <AcknowledgePanel finding={finding} now={now} />
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0">
      <h3 className="mb-0.5 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function EvidenceLine({ evidence, model, now }: { evidence: Evidence; model: Model; now: number }) {
  const { by, says } = evidence;
  const reading = Object.hasOwn(model.readings, by) ? model.readings[by] : undefined;
  const isFresh = isCurrent(reading, now);
  return (
    <li data-by={by} className={`min-w-0 break-words ${isFresh ? '' : 'hatched text-stale'}`}>
      <b className="font-semibold" title={by}>
        {observerName(by, model)}
      </b>
      : {says}{' '}
      <span className="text-text-3">
        {reading !== undefined && `${questionOf(reading).asks} · `}
        <Age at={reading?.at ?? null} suffix=" ago" />
        {reading?.failure != null && ` · does not answer now (${reading.failure.code})`}
      </span>
    </li>
  );
}

const SAID_MS = 1_500;

/** A command as it is to be run, whole, with a button that copies it. */
function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  const Icon = copied ? Check : Copy;
  return (
    <div className="mt-1 flex items-start gap-2 rounded-sm border border-line bg-canvas p-1.5">
      <code className="min-w-0 flex-1 font-mono break-all whitespace-pre-wrap">{text}</code>
      <button
        type="button"
        onClick={copy}
        className="inline-flex shrink-0 items-center gap-1 rounded-sm border border-line px-1.5 text-text-2 hover:bg-raised"
      >
        <Icon aria-hidden size={11} /> {copied ? 'copied' : 'copy'}
      </button>
    </div>
  );
}

function Meaning({ code }: { code: string }) {
  const { query, about } = useFindingCode(code);
  if (query.isError)
    return (
      <p role="alert" className="text-text-2">
        What it means in general cannot be read: {query.error.message}.{' '}
        <button type="button" className="underline" onClick={() => void query.refetch()}>
          Try again
        </button>
      </p>
    );
  if (about === undefined) return null;
  return (
    <>
      <Part title="What it means">
        <p className="break-words text-text-2">
          <Prose text={about.means} />
        </p>
      </Part>
      <Part title="What mends it in general">
        <p className="break-words text-text-2">
          <Prose text={about.mend} />
        </p>
      </Part>
    </>
  );
}

/** A paragraph in which `…` is code. */
function Prose({ text }: { text: string }) {
  let at = 0;
  return text.split('`').map((part, index) => {
    at += part.length + 1;
    return index % 2 === 1 ? (
      <code key={at} className="font-mono break-all">
        {part}
      </code>
    ) : (
      part
    );
  });
}
