/** Logs: one JSON line an event on standard output, credentials cut out. */
import { type Logger, pino } from 'pino';
import { redact } from './redact.ts';

/** The process's logger. */
export function createLogger(): Logger {
  return pino({
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: redact },
  });
}
