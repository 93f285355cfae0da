/** The thread that reads and checks the audit: a long check never holds up a write. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCalls } from '#server/sqlite/calls.ts';
import { openReader } from './reader.ts';

answerCalls(parentPort as MessagePort, openReader((workerData as { path: string }).path));
