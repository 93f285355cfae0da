/** The state that a plan rests on: roles, leaders, holders and statuses, as lines that can be compared and named. No clock. */
import { createHash } from 'node:crypto';
import { shortNodeName } from '#lib/format/names.ts';
import { settle } from '#lib/model/claims.ts';
import { ownRole } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import { taskQueuesOf } from './broker-guards.ts';

/** What it is about to how it is. */
export type State = Readonly<Record<string, string>>;

type Part = { source: string; lines(model: Model, now: number): [what: string, how: string][] };

/** The state, as far as the readings of the plan tell it, at `now` (epoch ms). */
export function stateOf(model: Model, evidence: readonly string[], now: number): State {
  const parts = PARTS.filter(({ source }) => evidence.some((key) => key.startsWith(`${source}/`)));
  return Object.fromEntries(parts.flatMap(({ lines }) => lines(model, now)));
}

/** A hash of the state and of the exact calls that a person has read. */
export function hashOf(state: State, calls: readonly string[]): string {
  const lines = Object.keys(state)
    .sort()
    .map((what) => [what, state[what]]);
  return createHash('sha256')
    .update(JSON.stringify([lines, calls]))
    .digest('hex')
    .slice(0, 32);
}

/** What differs, in sentences. */
export function changesBetween(before: State, after: State): string[] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return all
    .filter((what) => before[what] !== after[what])
    .map((what) => `${what}: ${before[what] ?? 'not there'} → ${after[what] ?? 'not there'}`);
}

const PARTS: readonly Part[] = [
  {
    source: 'redis',
    lines: (model, now) => [
      ...Object.values(model.redisServices).map(({ id, master }): [string, string] => {
        const { value, agreement } = settle(master, model.readings, now);
        return [`master of Redis ${id}`, `${value ?? 'not agreed'} (${agreement})`];
      }),
      ...Object.values(model.redisNodes).map((node): [string, string] => [
        node.name,
        `${ownRole(node, model, now) ?? 'silent'}${node.linkUp === false ? ', link down' : ''}`,
      ]),
      ...Object.values(model.sentinels).map(({ name, tilt, views }): [string, string] => [
        name,
        [...views.flatMap(({ flags }) => flags), ...(tilt === true ? ['tilt'] : [])].join(', '),
      ]),
    ],
  },
  {
    source: 'rabbitmq',
    lines: (model, now) => [
      ...Object.values(model.brokerNodes).map(({ id, running, beingDrained }): [string, string] => {
        const runs = settle(running, model.readings, now).value;
        return [
          shortNodeName(id, model),
          `${runs === null ? 'disputed' : runs ? 'running' : 'down'}${beingDrained === true ? ', draining' : ''}`,
        ];
      }),
      ...taskQueuesOf(model).map(({ id, replication: { leader, inSync } }): [string, string] => [
        `queue ${id}`,
        `led by ${leader ?? 'nobody'}, in sync: ${inSync?.toSorted().join(', ') ?? 'not told'}`,
      ]),
    ],
  },
  {
    source: 'haproxy',
    lines: (model) =>
      Object.values(model.proxies).flatMap(({ id, backends }) =>
        backends.map(({ name, serving, servers }): [string, string] => {
          const out = servers.filter(({ status }) => /MAINT|DRAIN/.test(status)).map((server) => server.name);
          return [
            `${id} ${name}`,
            `serves ${serving.join(', ') || 'nobody'}${out.length === 0 ? '' : `; out: ${out.join(', ')}`}`,
          ];
        }),
      ),
  },
  {
    source: 'consul',
    lines: (model, now) => [
      ...Object.values(model.locks).map(({ id, holder, standbys }): [string, string] => [
        `lock ${id}`,
        `held by ${holder === null ? 'nobody' : `${holder.node} (${holder.session})`}, ${standbys.length} waiting`,
      ]),
      ...Object.values(model.coordinators).map(({ id, leader }): [string, string] => [
        `leader of ${id}`,
        settle(leader, model.readings, now).value ?? 'not agreed',
      ]),
    ],
  },
];
