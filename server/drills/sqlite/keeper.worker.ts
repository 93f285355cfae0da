/** The runs' thread: the only one that touches their file. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCalls } from '#server/sqlite/calls.ts';
import { openKeeper } from './keeper.ts';

answerCalls(parentPort as MessagePort, openKeeper((workerData as { path: string }).path));
