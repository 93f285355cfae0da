/** Ends a lab's processes in order, whoever started them: used by the supervisor, and without it when it has died. */
import { DOWN_ORDER, type MemberId, placeOf, type Role } from './layout.ts';
import { killMembers, markedProcesses, SUPERVISOR, signal, terminateMembers } from './processes.ts';

/**
 * How long SIGTERM may take before SIGKILL. Short, for the data of a lab that is going down is worth nothing; and Celery
 * ignores SIGTERM while its broker is gone, and waits for running tasks when it is there.
 */
const LIMIT_MS: Readonly<Record<Role | 'epmd', number>> = {
  traffic: 1_000,
  beat: 2_000,
  worker: 2_000,
  haproxy: 1_000,
  sentinel: 1_000,
  consul: 1_000,
  redis: 1_000,
  rabbitmq: 1_500,
  epmd: 500,
};

/** Ends every process of the lab in `root` except its supervisor, top-down, and says which step it is at. */
export async function endLab(root: string, onProgress: (line: string) => void): Promise<void> {
  // A paused process can neither end by itself nor let go of what others wait for.
  for (const { pid, paused } of markedProcesses(root)) if (paused) signal(pid, 'SIGCONT');
  for (const ids of DOWN_ORDER) {
    const running = [...new Set(markedProcesses(root).map(({ member }) => member))].filter((member) =>
      (ids as readonly string[]).includes(member),
    );
    if (running.length === 0) continue;
    onProgress(`ending ${running.join(', ')}`);
    await terminateMembers(root, ids, LIMIT_MS[roleOf(ids)]);
  }
  for (const member of new Set(markedProcesses(root).map((process) => process.member))) {
    if (member !== SUPERVISOR) await killMembers(root, [member as MemberId]);
  }
}

function roleOf(ids: readonly MemberId[]): Role | 'epmd' {
  return (ids[0] === undefined ? undefined : placeOf(ids[0])?.role) ?? 'epmd';
}
