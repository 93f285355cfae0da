'use client';
/** A command to a worker: what will happen, why, and then how far it got. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { OperationDialog } from '#components/live/operation-dialog.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { EVERY_WORKER, type WorkerCommand } from '#lib/contract/control.ts';
import { effectOfCommand, needsName, titleOfCommand } from '#lib/format/worker-command.ts';
import { routes } from '#lib/routes.ts';

export type CommandDialogProps = {
  worker: string;
  command: WorkerCommand;
  close: () => void;
  /** Another command instead, which this one offers in the end. */
  onOffer: (command: WorkerCommand) => void;
};

const WAITS: readonly (readonly [seconds: number, title: string])[] = [
  [60, '1 minute'],
  [600, '10 minutes'],
  [3_600, '1 hour'],
  [21_600, '6 hours'],
  [86_400, '1 day'],
];

export function CommandDialog({ worker, command: asked, close, onOffer }: CommandDialogProps) {
  const client = useQueryClient();
  const [command, setCommand] = useState(asked);
  const leave = () => {
    close();
    // What it answered before may no longer hold.
    void client.invalidateQueries({ queryKey: ['inspect', worker] });
  };
  return (
    <OperationDialog
      title={`${titleOfCommand(command)}: ${command.worker ?? 'every worker'}`}
      effect={effectOfCommand(command).map((sentence) => <p key={sentence}>{sentence}</p>)}
      verb={titleOfCommand(command)}
      danger={needsName(command)}
      typed={needsName(command) ? { text: worker, what: "the worker's name" } : undefined}
      url={`${routes.api.workers}/${encodeURIComponent(command.worker ?? EVERY_WORKER)}/control`}
      body={command}
      close={leave}
      onOffer={onOffer}
    >
      {command.method === 'drain' && (
        <label className="grid gap-0.5">
          <span className="text-text-2">Wait until it is idle, at most</span>
          <select
            value={command.waitSeconds}
            onChange={(event) => setCommand({ ...command, waitSeconds: Number(event.target.value) })}
            className={FIELD}
          >
            {WAITS.map(([seconds, title]) => (
              <option key={seconds} value={seconds}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
    </OperationDialog>
  );
}
