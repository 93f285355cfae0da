/** The query thread: a slow search never holds up a write, nor the main thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCalls } from '#server/sqlite/calls.ts';
import { openTaskReader } from './reader.ts';

const { path, limitMs } = workerData as { path: string; limitMs: number };
answerCalls(parentPort as MessagePort, openTaskReader(path, { limitMs }));
