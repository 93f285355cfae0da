/**
 * Installs the Debian packages that the lab (and, on request, the browser tests) need.
 * Safe to run again: it looks first and does nothing where nothing is missing.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CommandError, runCommand, step } from './progress.ts';

const LAB_PACKAGES = [
  'rabbitmq-server',
  'redis-server',
  'redis-sentinel',
  'haproxy',
  'python3-celery',
  'python3-redis',
  'python3-django-celery-beat',
] as const;
const BROWSER_PACKAGES = ['chromium', 'fonts-dejavu-core'] as const;

/** Bookworm has no Consul; bullseye's 1.8.7 runs on it. */
const CONSUL = { name: 'consul', suite: 'bullseye' } as const;

/** Tried in turn for bullseye, after the mirror that the machine already uses. */
const BULLSEYE_MIRRORS = ['http://deb.debian.org/debian', 'http://archive.debian.org/debian'] as const;

const OWN_ESTATE = `To use Trellis with an estate that already runs, no lab is needed: write a trellis.yaml
(README, "Your own estate") and run: npm run build && npm start -- --config trellis.yaml`;

/**
 * Installs what is missing.
 * @throws CommandError naming the missing packages where there is no apt or no root, or where apt fails.
 */
export async function setUp(options: { browser: boolean }): Promise<void> {
  if (process.platform !== 'linux') {
    throw new CommandError(`The lab needs Debian's packages, and this is ${process.platform}.\n${OWN_ESTATE}`);
  }
  const wanted: readonly string[] = [...LAB_PACKAGES, ...(options.browser ? BROWSER_PACKAGES : [])];
  const missing = wanted.filter((name) => !isInstalled(name));
  const consulMissing = !isInstalled(CONSUL.name) && !existsOnPath('consul');
  if (missing.length === 0 && !consulMissing) return;

  const all = [...missing, ...(consulMissing ? [CONSUL.name] : [])];
  const root = rootPrefix(all);
  const linksBefore = bootLinks();
  await withoutServiceStarts(root, async () => {
    await step('apt-get update', () => apt(root, ['update', '-q']));
    if (missing.length > 0) {
      await step(`installing ${missing.join(' ')}`, () =>
        apt(root, ['install', '-y', '-q', '--no-install-recommends', ...missing]),
      );
    }
    if (consulMissing) await step(`installing consul from ${CONSUL.suite}`, () => installConsul(root));
  });
  disableNewUnits(root, linksBefore);
}

function isInstalled(name: string): boolean {
  const query = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.includes('Status: install ok installed');
}

function existsOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(join(dir, name)));
}

/** The words to put before a command that needs root: none, or sudo. */
function rootPrefix(missing: readonly string[]): readonly string[] {
  const list = missing.join(' ');
  if (!existsOnPath('apt-get')) {
    throw new CommandError(`The lab needs these Debian packages, and there is no apt-get here: ${list}\n${OWN_ESTATE}`);
  }
  if (process.getuid?.() === 0) return [];
  if (existsOnPath('sudo') && spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0) return ['sudo', '-E'];
  throw new CommandError(
    `Not root, and sudo does not let this user in. Ask an administrator to install: ${list}\n` +
      `(consul comes from Debian ${CONSUL.suite}.) Then run the command again.\n${OWN_ESTATE}`,
  );
}

function apt(root: readonly string[], args: readonly string[]): void {
  run(root, ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args]);
}

function run(root: readonly string[], argv: readonly string[]): void {
  const [file, ...args] = [...root, ...argv];
  const result = spawnSync(file as string, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new CommandError(`failed (${result.status ?? result.signal}): ${argv.join(' ')}`);
}

/**
 * Fetches Consul with an apt that knows bullseye and nothing else, in a folder of its own: the machine's package
 * sources stay as they are, so nothing but this one file can ever come from the old suite.
 */
function installConsul(root: readonly string[]): void {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-bullseye-'));
  chmodSync(dir, 0o755); // apt's download user (_apt) must be able to enter
  try {
    for (const mirror of new Set([...currentMirrors(), ...BULLSEYE_MIRRORS])) {
      const deb = downloadConsul(dir, mirror);
      if (deb !== undefined) {
        apt(root, ['install', '-y', '-q', '--no-install-recommends', deb]);
        return;
      }
    }
    throw new CommandError(
      `No Debian mirror in reach has consul in ${CONSUL.suite}. Install any consul on the PATH and run again.`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function currentMirrors(): string[] {
  const targets = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { encoding: 'utf8' });
  const uris = (targets.stdout ?? '').split('\n').map((line) => line.trim().replace(/\/$/, ''));
  return [...new Set(uris.filter((uri) => /^https?:.*\/debian$/.test(uri)))];
}

function downloadConsul(dir: string, mirror: string): string | undefined {
  const list = join(dir, 'sources.list');
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(list, `deb [signed-by=${keyring}] ${mirror} ${CONSUL.suite} main\n`);
  mkdirSync(join(dir, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(dir, 'cache', 'archives', 'partial'), { recursive: true });
  const isolated = [
    ...['-o', `Dir::Etc::SourceList=${list}`, '-o', 'Dir::Etc::SourceParts=/dev/null'],
    ...['-o', `Dir::State::Lists=${join(dir, 'lists')}`, '-o', `Dir::Cache=${join(dir, 'cache')}`],
    ...['-o', 'Acquire::Check-Valid-Until=false', '-o', 'APT::Sandbox::User='],
  ];
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  if (spawnSync('apt-get', [...isolated, '-q', 'update'], { stdio: [...stdio] }).status !== 0) return undefined;
  spawnSync('apt-get', [...isolated, '-q', 'download', CONSUL.name], { stdio: [...stdio], cwd: dir });
  const file = readdirSync(dir).find((name) => name.startsWith(`${CONSUL.name}_`) && name.endsWith('.deb'));
  return file === undefined ? undefined : join(dir, file);
}

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# written by the Trellis lab set-up';

/** Debian starts a service as soon as its package is installed; a policy-rc.d that answers 101 forbids it meanwhile. */
async function withoutServiceStarts(root: readonly string[], work: () => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-policy-'));
  const ours = join(dir, 'policy-rc.d');
  const kept = `${POLICY}.before-trellis`;
  writeFileSync(ours, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 });
  // A policy with our mark is what an interrupted run left behind, not the machine's own.
  const foreign = existsSync(POLICY) && !readFileSync(POLICY, 'utf8').includes(POLICY_MARK);
  if (foreign) run(root, ['mv', POLICY, kept]);
  run(root, ['install', '-m', '0755', ours, POLICY]);
  try {
    await work();
  } finally {
    run(root, existsSync(kept) ? ['mv', '-f', kept, POLICY] : ['rm', '-f', POLICY]);
    rmSync(dir, { recursive: true, force: true });
  }
}

const SYSTEMD_LINKS = ['multi-user.target.wants', 'sockets.target.wants'].map((dir) => `/etc/systemd/system/${dir}`);

/** The links by which systemd starts units at boot. */
function bootLinks(): ReadonlySet<string> {
  return new Set(
    SYSTEMD_LINKS.flatMap((dir) => (existsSync(dir) ? readdirSync(dir).map((unit) => join(dir, unit)) : [])),
  );
}

/** Services that this set-up brought must not start at the next boot either: on default ports they would block the lab. */
function disableNewUnits(root: readonly string[], before: ReadonlySet<string>): void {
  const fresh = [...bootLinks()].filter((link) => !before.has(link));
  const lab = fresh.filter((link) => /^(rabbitmq|redis|haproxy|consul|epmd)/.test(basename(link)));
  if (lab.length === 0) return;
  // The links themselves: systemctl is not there on every machine, and this is all that it would do.
  run(root, ['rm', '-f', ...lab]);
  const units = lab.map((link) => basename(link)).join(' ');
  process.stdout.write(`  not started at boot: ${units} ('systemctl enable' brings them back)\n`);
}

if (import.meta.main) {
  await runCommand(() => setUp({ browser: process.argv.includes('--browser') }));
}
