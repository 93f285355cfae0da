'use client';
/** Texts that one click copies. */
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

const SAID_MS = 1_500;

/** Monospace text with a button that copies it. */
export function Copyable({ text, label = text }: { text: string; label?: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-bottom">
      <span className="truncate font-mono" title={text}>
        {label}
      </span>
      <CopyButton name={label} text={text} />
    </span>
  );
}

/** A button that copies a text; says so to everybody. */
export function CopyButton({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={copied ? `copied ${name}` : `copy ${name}`}
      className="shrink-0 rounded-sm p-0.5 text-text-3 hover:text-text"
      onClick={copy}
    >
      <Icon aria-hidden size={11} />
    </button>
  );
}
