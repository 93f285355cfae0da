/** Secrets by reference: resolved once at start, so that a missing one is a start-up error that names its key. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ONE_LINE, type Secret } from './fields.ts';

export type SecretProblem = { problem: string };

/** The secret's text, or what is wrong with it. Relative files are relative to `baseDir`. */
export function resolveSecret(
  secret: Secret,
  env: Readonly<Record<string, string | undefined>>,
  baseDir: string,
): string | SecretProblem {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const text = env[secret.env];
    return text === undefined ? { problem: `the environment variable ${secret.env} is not set` } : oneLine(text);
  }
  const path = resolve(baseDir, secret.file);
  try {
    return oneLine(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { problem: `cannot read ${path}${code === undefined ? '' : ` (${code})`}` };
  }
}

/** What breaks a header would be told, secret and all, by whoever refuses to send it. */
function oneLine(text: string): string | SecretProblem {
  return ONE_LINE.test(text) ? text : { problem: 'the secret has more than one line, or control characters in it' };
}

/** True for the two forms of reference, wherever they stand in a configuration. */
export function isSecretReference(value: unknown): value is Exclude<Secret, string> {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file');
}
