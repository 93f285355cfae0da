/** One supervised member: its process, its state, and its restart rule. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberId } from './layout.ts';
import { killMembers, setPaused, terminateMembers } from './processes.ts';
import { markedEnvironment } from './programs.ts';
import type { Exit, MemberReport, MemberState } from './protocol.ts';
import type { MemberSpec } from './roles/registry.ts';
import { startsAgain } from './roles/role.ts';

const RESTART_AFTER_MS = 1_000;

/** What a member process needs to know about its surroundings. */
export type Surroundings = {
  /** The lab's directory. */
  readonly root: string;
  readonly logFile: string;
  /** Read at every start, so that changed settings count. */
  readonly spec: () => MemberSpec;
  /** Called after every change of state. */
  readonly onChange: () => void;
};

/** Starts, ends and pauses one member. */
export class MemberProcess {
  readonly id: MemberId;
  readonly #around: Surroundings;
  #child: ChildProcess | undefined;
  #state: MemberState = 'stopped';
  #sinceMs = Date.now();
  #exit: Exit | null = null;
  #restarts = 0;
  /** Whether the restart rule may start it again. */
  #wanted = false;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(id: MemberId, around: Surroundings) {
    this.id = id;
    this.#around = around;
  }

  /** Its state now. */
  report(): MemberReport {
    return {
      id: this.id,
      state: this.#state,
      pid: this.#child?.pid ?? null,
      sinceMs: this.#sinceMs,
      exit: this.#exit,
      restarts: this.#restarts,
    };
  }

  /** Makes it run: starts it, or continues it where it is paused. */
  async start(): Promise<void> {
    this.#wanted = true;
    if (this.#state === 'paused') return this.resume();
    if (this.#child !== undefined) return;
    clearTimeout(this.#restartTimer);
    await killMembers(this.#around.root, [this.id]);
    if (this.#child === undefined) this.#spawn(); // unless another order was quicker
  }

  /**
   * Ends it at once. The restart rule holds unless `forGood`.
   * The caller has sent SIGKILL already where several members must fall in the same instant.
   */
  async kill(forGood: boolean): Promise<void> {
    if (forGood) this.#forget();
    await killMembers(this.#around.root, [this.id]);
    await this.#ended();
  }

  /** Ends it politely, by force after its limit; it stays down. */
  async stop(): Promise<void> {
    this.#forget();
    await terminateMembers(this.#around.root, [this.id], this.#around.spec().stopLimitMs);
    await this.#ended();
    this.#become('stopped');
  }

  /** Stops all its processes in their tracks. */
  async pause(): Promise<void> {
    if (this.#state !== 'running') return;
    await setPaused(this.#around.root, [this.id], true);
    this.#become('paused');
  }

  /** Lets all its processes go on. */
  async resume(): Promise<void> {
    if (this.#state !== 'paused') return;
    await setPaused(this.#around.root, [this.id], false);
    this.#become('running');
  }

  /** Lets no restart rule act any more. */
  retire(): void {
    this.#forget();
  }

  #forget(): void {
    this.#wanted = false;
    clearTimeout(this.#restartTimer);
  }

  async #ended(): Promise<void> {
    while (this.#child !== undefined) await sleep(10);
  }

  #spawn(): void {
    const { command, restart } = this.#around.spec();
    const [file, ...args] = command.argv;
    const log = openSync(this.#around.logFile, 'a', 0o600);
    const child = spawn(file, args, {
      cwd: command.cwd ?? this.#around.root,
      detached: true, // its own session and process group
      stdio: ['ignore', log, log],
      env: markedEnvironment(this.#around.root, this.id, command.env),
    });
    closeSync(log);
    this.#child = child;
    this.#become('running');
    const onEnd = (code: number | null, signal: string | null) => {
      if (this.#child === child) void this.#onEnd({ code, signal, atMs: Date.now() }, restart);
    };
    child.once('error', () => onEnd(127, null));
    child.once('exit', onEnd);
  }

  /** As systemd does: what the first process leaves behind ends with it. */
  async #onEnd(exit: Exit, restart: MemberSpec['restart']): Promise<void> {
    await killMembers(this.#around.root, [this.id]);
    this.#exit = exit;
    this.#child = undefined;
    this.#become('exited');
    if (!this.#wanted || !startsAgain(restart, exit)) return;
    this.#restartTimer = setTimeout(() => {
      if (!this.#wanted || this.#child !== undefined) return;
      this.#restarts += 1;
      this.#spawn();
    }, RESTART_AFTER_MS);
  }

  #become(state: MemberState): void {
    this.#state = state;
    this.#sinceMs = Date.now();
    this.#around.onChange();
  }
}
