'use client';
/** Values as Celery printed them: masked pieces look masked, long ones are folded, everything can be copied. */
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import { CopyButton } from '#components/ui/copyable.tsx';
import { maskedParts } from '#lib/format/task.ts';

/** A value of more lines or characters than these is folded until somebody asks for it. */
const FOLD_LINES = 12;
const FOLD_CHARACTERS = 800;

/** The text in a line; what the server masked is told apart from what the task was given. */
export function Masked({ text }: { text: string }) {
  let at = 0;
  return maskedParts(text).map((part) => {
    const key = at;
    at += part.text.length;
    return part.masked ? (
      <span
        key={key}
        title="Masked on the server by tasks.mask in trellis.yaml"
        className="rounded-sm border border-dashed border-line bg-raised px-1 font-sans text-[11px] text-text-2"
      >
        <EyeOff aria-hidden size={10} className="mr-0.5 inline" />
        masked
      </span>
    ) : (
      <span key={key}>{part.text}</span>
    );
  });
}

export type PrintedProps = {
  name: string;
  text: string;
  /** It tells of a failure. */
  bad?: boolean;
  /** Its end says most, as a traceback's does: that is what stays when it is folded. */
  endMatters?: boolean;
};

/** A value under its name, with a button that copies the whole of it. */
export function Printed({ name, text, bad = false, endMatters = false }: PrintedProps) {
  const isLong = text.length > FOLD_CHARACTERS || text.split('\n', FOLD_LINES + 1).length > FOLD_LINES;
  const [isOpen, setIsOpen] = useState(!isLong);
  const shown = isOpen ? text : endMatters ? foldedToEnd(text) : folded(text);
  const dots = <span className="text-text-3">…</span>;
  return (
    <section aria-label={name} className="min-w-0">
      <div className="flex items-baseline gap-2">
        <h3 className="text-[11px] text-text-3">{name}</h3>
        <CopyButton name={name} text={text} />
        {isLong && (
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
            className="text-[11px] text-accent underline"
          >
            {isOpen ? 'show less' : `show all ${text.length} characters`}
          </button>
        )}
      </div>
      <pre
        className={`mt-0.5 rounded-sm border border-line bg-canvas px-2 py-1 font-mono text-[12px] break-words whitespace-pre-wrap ${bad ? 'text-down' : ''}`}
      >
        {!isOpen && endMatters && (
          <>
            {dots}
            {'\n'}
          </>
        )}
        <Masked text={shown} />
        {!isOpen && !endMatters && dots}
      </pre>
    </section>
  );
}

function folded(text: string): string {
  return text.split('\n').slice(0, FOLD_LINES).join('\n').slice(0, FOLD_CHARACTERS);
}

function foldedToEnd(text: string): string {
  return text.trimEnd().split('\n').slice(-FOLD_LINES).join('\n').slice(-FOLD_CHARACTERS);
}
