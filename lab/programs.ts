/** The programs that the lab runs, and what to say when one is missing. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LAB_MARK, MEMBER_MARK } from './processes.ts';
import { PYTHON } from './roles/celery.ts';
import { RABBITMQ_SERVER } from './roles/rabbitmq.ts';

/** System folders first (haproxy lives in /usr/sbin, which is not on every user's PATH), then the caller's own PATH. */
export const SEARCH_PATH: string = [
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  process.env.PATH ?? '',
].join(delimiter);

const PYTHON_PACKAGES_DIR = '/usr/lib/python3/dist-packages';

/** What the lab needs → the Debian package that brings it. */
const NEEDED: readonly (readonly [what: string, debianPackage: string])[] = [
  [RABBITMQ_SERVER, 'rabbitmq-server'],
  ['epmd', 'erlang-base'],
  ['redis-server', 'redis-server'],
  ['haproxy', 'haproxy'],
  ['consul', 'consul (from Debian bullseye)'],
  [PYTHON, 'python3'],
  [join(PYTHON_PACKAGES_DIR, 'celery'), 'python3-celery'],
  [join(PYTHON_PACKAGES_DIR, 'redis'), 'python3-redis'],
  [join(PYTHON_PACKAGES_DIR, 'django_celery_beat'), 'python3-django-celery-beat'],
];

/**
 * The whole environment of a process of the lab: none of the caller's own variables, which may hold secrets, and the
 * marks by which it is found again.
 */
export function markedEnvironment(
  root: string,
  member: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const variables = { PATH: SEARCH_PATH, LANG: 'C.UTF-8', ...more, [LAB_MARK]: root, [MEMBER_MARK]: member };
  return variables as unknown as NodeJS.ProcessEnv; // Next's types demand NODE_ENV
}

/** The Debian packages that are missing here. */
export function missingPackages(): readonly string[] {
  return NEEDED.filter(([what]) => !isThere(what)).map(([, debianPackage]) => debianPackage);
}

function isThere(what: string): boolean {
  if (what.startsWith('/')) return existsSync(what);
  return SEARCH_PATH.split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, what)));
}
