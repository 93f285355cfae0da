'use client';
/** A dialog over the page; Escape and a click beside it close it, and the focus returns to where it was. */
import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';

export type ModalProps = {
  title: string;
  close: () => void;
  /** Shows the title to screen readers only. */
  quiet?: boolean;
  children: ReactNode;
};

export function Modal({ title, close, quiet = false, children }: ModalProps) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup className="fixed top-[12vh] left-1/2 z-50 max-h-[76vh] w-[36rem] max-w-[calc(100vw-1.5rem)] -translate-x-1/2 overflow-auto rounded-md border border-line bg-panel p-3 shadow-xl">
          <Dialog.Title className={quiet ? 'sr-only' : 'mb-2 text-[14px] font-semibold'}>{title}</Dialog.Title>
          {children}
          <Dialog.Close className="sr-only">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
