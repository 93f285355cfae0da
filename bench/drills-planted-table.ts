/** The table: which weakness must keep which drills from being started, and what is said of it. Pure. */
import { HOSTS, type Host, hostsOf, memberId, numberOf, rabbitNode } from '#lab/layout.ts';
import type { DrillId } from '#lib/model/drill.ts';
import type { Expected } from './drills-planted-verdict.ts';
import { partId } from './findings-subjects.ts';
import type { Fault } from './findings-table.ts';
import type { Roles } from './forecast-winners.ts';

/** What can be planted. */
export type Weakness =
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
  /** The host's broker node wants more free disk than there is. */
  | { readonly kind: 'disk alarm'; readonly host: Host }
  /** `PLANTED_QUEUE`, led by the host's broker node; its mirrors have none of its messages. */
  | { readonly kind: 'unsynced mirrors'; readonly host: Host }
  /** The management API of `SILENCED_HOST` answers Trellis no more. */
  | { readonly kind: 'silent source' };

/** The queue with copies that are out of sync, and how many messages it has. No worker knows of it. */
export const PLANTED_QUEUE = 'bench-planted';
export const PLANTED_MESSAGES = 137;
/** Whose management API Trellis reaches through a proxy of the bench. */
export const SILENCED_HOST: Host = 'host-3';

/** One weakness, planted on a whole lab. */
export type PlantedRow = {
  readonly name: string;
  readonly weakness: (roles: Roles) => Weakness;
  /** Those that must refuse. */
  readonly drills: readonly DrillId[];
  /** Trellis's id of what they are aimed at. */
  readonly target: string;
  /** The check that must stand against them. */
  readonly expected: Expected;
};

/** What a plan rests on may not be older. */
const EVIDENCE_MS = 3_000;
/** The proxy that loses its servers, and the one that is left to it: its own. */
const ROBBED = HOSTS[0];
/** Neither beat nor traffic depend on it. */
const SPARE = HOSTS[2];

const rabbit = (host: Host) => `rabbit-${numberOf(host)}`;

/** In the order in which they are planted. */
export const PLANTED_TABLE: readonly PlantedRow[] = [
  {
    name: 'no standby beat',
    weakness: ({ holder }) => ({
      kind: 'faults',
      faults: hostsOf('beat')
        .filter((host) => host !== holder)
        .map((host) => ({ verb: 'stop', target: memberId(host, 'beat') })),
    }),
    drills: ['beat-handover', 'beat-crash'],
    target: 'beat',
    expected: { check: 'standby', names: ['lock beat', 'Nobody waits'] },
  },
  {
    name: 'a silent Sentinel',
    weakness: () => ({ kind: 'faults', faults: [{ verb: 'pause', target: memberId(SPARE, 'sentinel') }] }),
    drills: ['redis-switch', 'redis-failover'],
    target: 'results',
    expected: { check: 'sentinels', names: [`sentinel@${SPARE}`, 'does not answer'] },
  },
  {
    name: 'a proxy with one server left',
    weakness: () => ({
      kind: 'faults',
      faults: HOSTS.filter((host) => host !== ROBBED).map((host) => ({
        verb: 'maint',
        proxy: ROBBED,
        server: `amqp/${rabbit(host)}`,
      })),
    }),
    drills: ['broker-switch', 'broker-crash'],
    target: rabbitNode(ROBBED),
    expected: { check: 'other-server', names: [rabbit(ROBBED), partId('haproxy', ROBBED), 'last usable server'] },
  },
  {
    name: 'a disk alarm',
    weakness: () => ({ kind: 'disk alarm', host: SPARE }),
    drills: ['broker-switch', 'broker-crash'],
    target: rabbitNode(SPARE),
    expected: { check: 'broker-at-peace', names: [rabbit(SPARE), 'disk alarm'] },
  },
  {
    // The node itself is well, and so is the one that would be struck: only nobody can be sure of that.
    name: 'a source that does not answer',
    weakness: () => ({ kind: 'silent source' }),
    drills: ['broker-switch', 'broker-crash'],
    target: rabbitNode(ROBBED),
    expected: {
      check: 'evidence',
      names: ['Not answered now', `rabbitmq/${rabbitNode(SILENCED_HOST)}/nodes`],
      leastAgeMs: EVIDENCE_MS,
    },
  },
  {
    name: 'mirrors out of sync',
    weakness: () => ({ kind: 'unsynced mirrors', host: SPARE }),
    drills: ['broker-crash'],
    target: rabbitNode(SPARE),
    expected: { check: 'copies-elsewhere', names: [rabbit(SPARE), PLANTED_QUEUE, `${PLANTED_MESSAGES} messages`] },
  },
];
