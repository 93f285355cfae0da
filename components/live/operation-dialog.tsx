'use client';
/** A dialog in which something is begun and then watched: first what will happen and why, then how far it got. */
import type { ReactNode } from 'react';
import { ActionForm, BUTTON } from '#components/ui/action-form.tsx';
import { Modal } from '#components/ui/modal.tsx';
import type { WorkerCommand } from '#lib/contract/control.ts';
import { OperationProgress } from './operation-progress.tsx';
import { useBegin } from './use-operation.ts';

export type OperationDialogProps = {
  title: string;
  /** What will happen, in sentences. */
  effect: ReactNode;
  verb: string;
  danger?: boolean;
  typed?: { text: string; what: string } | undefined;
  /** Where it is sent. */
  url: string;
  /** What is sent besides the reason; null = something is missing. */
  body: object | null;
  close: () => void;
  onOffer?: (command: WorkerCommand) => void;
  /** More fields, above the reason. */
  children?: ReactNode;
};

export function OperationDialog(props: OperationDialogProps) {
  const { title, url, body, close, onOffer, children, ...form } = props;
  const begin = useBegin(url);
  return (
    <Modal title={title} close={close}>
      {begin.data === undefined ? (
        <ActionForm
          {...form}
          isReady={body !== null}
          isSending={begin.isPending}
          error={begin.error}
          run={(reason) => begin.mutate({ ...body, reason })}
          cancel={close}
        >
          {children}
        </ActionForm>
      ) : (
        <>
          <OperationProgress begun={begin.data} onOffer={onOffer} />
          <div className="mt-2 flex justify-end">
            <button type="button" className={BUTTON} onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}
