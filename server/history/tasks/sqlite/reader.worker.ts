/** The query thread: a slow search never holds up a write, nor the main thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCalls } from '#server/history/sqlite/calls.ts';
import { openTaskReader } from './reader.ts';

answerCalls(parentPort as MessagePort, openTaskReader((workerData as { path: string }).path));
