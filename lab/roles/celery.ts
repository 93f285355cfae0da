/** The Celery processes of a host: worker, beat under `consul lock`, and the application that publishes. */
import { join } from 'node:path';
import { ADDRESSES, BEAT_LOCK, BEAT_SESSION_NAME, type Host, memberId, PORTS } from '#lab/layout.ts';
import { LAB_CODE_DIR, memberDir, secretFile } from '#lab/paths.ts';
import type { Command, LabContext, LabFile, RoleSpec } from './role.ts';

/** Debian's own interpreter: the first python3 on the PATH may be another one, without Celery. */
export const PYTHON = '/usr/bin/python3';

const APP = 'trellis_lab.celery_app';

/** The worker `celery@host-N`. */
export const workerRole: RoleSpec = {
  // Celery gives up for good when the broker says that a queue is broken; whoever runs it has it started again.
  restart: 'on-error',
  // Longer than the 10 s task, so that a plain `stop` loses no work.
  stopLimitMs: 15_000,
  files: (lab, host) => [keep(memberDir(lab.paths, memberId(host, 'worker')))],
  command: (lab, host) =>
    // Mingle and gossip make a reconnecting 5.2 worker wait for peers that died with the same broker.
    python(
      lab,
      host,
      [
        '-m',
        'celery',
        '-A',
        APP,
        'worker',
        '-n',
        `celery@${host}`,
        '-P',
        'prefork',
        '-c',
        '4',
        '-E',
        '--without-mingle',
        '--without-gossip',
        '-l',
        'INFO',
      ],
      memberDir(lab.paths, memberId(host, 'worker')),
    ),
};

/** Beat, run only by the host that holds the lock. */
export const beatRole: RoleSpec = {
  restart: 'always',
  stopLimitMs: 10_000,
  files: (lab, host) => [keep(memberDir(lab.paths, memberId(host, 'beat')))],
  command: (lab, host) => {
    const dir = memberDir(lab.paths, memberId(host, 'beat'));
    const beat = python(
      lab,
      host,
      [
        '-m',
        'celery',
        '-A',
        APP,
        'beat',
        '--scheduler',
        'django_celery_beat.schedulers:DatabaseScheduler',
        '--pidfile=',
        '-l',
        'INFO',
      ],
      dir,
    );
    return {
      ...beat,
      // Without a shell between: `sh -c` would take the signals and leave the real child running.
      argv: [
        'consul',
        'lock',
        `-http-addr=http://${ADDRESSES[host]}:${PORTS.consulHttp}`,
        '-shell=false',
        `-name=${BEAT_SESSION_NAME}`,
        BEAT_LOCK,
        ...beat.argv,
      ],
      env: { ...beat.env, DJANGO_SETTINGS_MODULE: 'trellis_lab.settings' },
    };
  },
};

/** The application: publishes at a set rate and keeps the ledger. */
export const trafficRole: RoleSpec = {
  restart: 'never',
  stopLimitMs: 5_000,
  files: (lab, host) => [keep(memberDir(lab.paths, memberId(host, 'traffic')))],
  command: (lab, host) =>
    python(
      lab,
      host,
      ['-m', 'trellis_lab.traffic', '--rate', String(lab.settings.ratePerSecond), '--ledger', lab.paths.ledger],
      memberDir(lab.paths, memberId(host, 'traffic')),
    ),
};

/** How to create and fill the schedule database that both beats share. */
export function seedCommand(lab: LabContext): Command {
  const { argv, env } = python(lab, 'host-1', ['-m', 'trellis_lab.seed'], lab.paths.data);
  return { argv, env: { ...env, DJANGO_SETTINGS_MODULE: 'trellis_lab.settings' } };
}

function python(lab: LabContext, host: Host, args: readonly string[], cwd: string): Command {
  return {
    argv: [PYTHON, ...args],
    cwd,
    env: {
      HOME: cwd,
      PYTHONPATH: join(LAB_CODE_DIR, 'app'),
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      // Where python3-setproctitle is installed it would write over the environment, where the lab's mark stands.
      SPT_NOENV: '1',
      LAB_HOST: host,
      LAB_ADDRESS: ADDRESSES[host],
      LAB_BROKER_PORT: String(PORTS.proxyAmqp),
      LAB_RESULTS_PORT: String(PORTS.proxyRedis),
      LAB_PASSWORD_FILE: secretFile(lab.paths, 'app'),
      LAB_DJANGO_SECRET_FILE: secretFile(lab.paths, 'django'),
      LAB_BEAT_DATABASE: lab.paths.beatDatabase,
      LAB_ACCOUNT_FILE: lab.paths.account,
    },
  };
}

/** A folder must exist before it is a working directory. */
function keep(dir: string): LabFile {
  return { path: join(dir, '.keep'), content: '' };
}
