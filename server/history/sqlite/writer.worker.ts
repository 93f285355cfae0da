/** The writer thread: the only one that changes the file. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCalls } from '#server/sqlite/calls.ts';
import { openWriter } from './writer.ts';

answerCalls(parentPort as MessagePort, openWriter((workerData as { path: string }).path));
