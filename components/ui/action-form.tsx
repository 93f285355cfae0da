'use client';
/** The last step before something is changed: what will happen, why it is done, and the name typed where it cannot be undone. */
import { type ReactNode, useState } from 'react';

/** As the gate wants a reason. */
const REASON_LETTERS = { min: 3, max: 500 } as const;

export const FIELD = 'h-7 w-full min-w-0 rounded-sm border border-line bg-canvas px-2';
export const BUTTON =
  'inline-flex h-7 items-center gap-1 rounded-sm border border-line bg-raised px-2 text-[12px] whitespace-nowrap hover:border-text-3 disabled:text-text-3 disabled:hover:border-line';

export type ActionFormProps = {
  /** What will happen, in sentences. */
  effect: ReactNode;
  /** The button's word. */
  verb: string;
  /** It cannot be taken back. */
  danger?: boolean;
  /** What must be typed, and what that is: `the worker's name`. */
  typed?: { text: string; what: string } | undefined;
  /** Everything else that it needs is there. */
  isReady: boolean;
  isSending: boolean;
  error: Error | null;
  run(reason: string): void;
  cancel(): void;
  /** More fields, above the reason. */
  children?: ReactNode;
};

export function ActionForm(props: ActionFormProps) {
  const { effect, verb, danger = false, typed, isReady, isSending, error, run, cancel, children } = props;
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const isNamed = typed === undefined || name.trim() === typed.text;
  const isReasoned = reason.trim().length >= REASON_LETTERS.min;
  const may = isReady && isNamed && isReasoned && !isSending;
  return (
    <form
      aria-label={verb}
      className="grid min-w-0 gap-2.5 text-[12px]"
      onSubmit={(event) => {
        event.preventDefault();
        if (may) run(reason.trim());
      }}
    >
      <div className="grid min-w-0 gap-1 break-words text-text-2">{effect}</div>
      {children}
      <label className="grid min-w-0 gap-0.5">
        <span className="text-text-2">Reason, kept in the audit</span>
        <input
          required
          maxLength={REASON_LETTERS.max}
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          className={FIELD}
        />
      </label>
      {typed !== undefined && (
        <label className="grid min-w-0 gap-0.5">
          <span className="break-words text-text-2">
            Type {typed.what}: <b className="font-mono font-semibold text-text">{typed.text}</b>
          </span>
          <input
            required
            autoComplete="off"
            spellCheck={false}
            aria-invalid={name !== '' && !isNamed}
            value={name}
            onChange={(event) => setName(event.target.value)}
            className={`${FIELD} font-mono`}
          />
          {name !== '' && !isNamed && <span className="text-degraded">That is not {typed.what}.</span>}
        </label>
      )}
      {error !== null && (
        <p role="alert" className="break-words text-down">
          {error.message}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-1.5">
        <button type="button" className={BUTTON} onClick={cancel}>
          Cancel
        </button>
        <button type="submit" disabled={!may} className={`${BUTTON} font-semibold ${danger && may ? 'text-down' : ''}`}>
          {isSending ? 'Sending…' : verb}
        </button>
      </div>
    </form>
  );
}
