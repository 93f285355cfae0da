'use client';
/** Keeps a panel's failure to the panel: the rest of the screen must live on. */
import { Component, type ReactNode } from 'react';

type Props = { what: string; children: ReactNode };
type State = { message: string | null };

/** Shows what failed, and a way to try again, in place of children that threw. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { message: null };

  static getDerivedStateFromError(error: unknown): State {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return (
      <div role="alert" className="rounded-md border border-down/60 p-3">
        <p className="font-semibold text-down">“{this.props.what}” cannot be drawn</p>
        <p className="my-1 font-mono text-[12px] break-words text-text-2">{message}</p>
        <button
          type="button"
          className="rounded-sm border border-line bg-raised px-2 py-0.5"
          onClick={() => this.setState({ message: null })}
        >
          Try again
        </button>
      </div>
    );
  }
}
