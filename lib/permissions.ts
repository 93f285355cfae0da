/** Who may do what: one table for server and UI. Every write of Trellis is one of these actions. Pure. */
import { DRILL_RISK, type DrillId } from '#lib/model/drill.ts';

/** Each may do what the ones before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type ActionRule = {
  /** The least role that may. */
  role: Role;
  /** In the words of a button. */
  title: string;
  /** It reaches outside of Trellis: refused while Trellis is read-only. */
  outside: boolean;
  /** The section of `acting:` in trellis.yaml whose credentials it needs; absent = none. */
  acting?: ActingSystem;
};

/** What Trellis can be given credentials to act on. */
export const ACTING_SYSTEMS = ['rabbitmq'] as const;
export type ActingSystem = (typeof ACTING_SYSTEMS)[number];

/** The writes. Their ids stand in the audit, in `disabled:` of trellis.yaml and in the scopes of tokens. */
export const ACTIONS = {
  'finding.acknowledge': { role: 'operator', title: 'Acknowledge finding', outside: false },
  'worker.inspect': { role: 'operator', title: 'Ask worker', outside: true, acting: 'rabbitmq' },
  'worker.pool': { role: 'operator', title: 'Resize pool', outside: true, acting: 'rabbitmq' },
  'worker.consumers': { role: 'operator', title: 'Add or cancel consumer', outside: true, acting: 'rabbitmq' },
  'worker.limits': { role: 'operator', title: 'Change rate or time limit', outside: true, acting: 'rabbitmq' },
  'worker.events': { role: 'operator', title: 'Turn events on or off', outside: true, acting: 'rabbitmq' },
  'worker.restart-pool': { role: 'admin', title: 'Restart pool', outside: true, acting: 'rabbitmq' },
  'worker.drain': { role: 'admin', title: 'Drain worker', outside: true, acting: 'rabbitmq' },
  'worker.shutdown': { role: 'admin', title: 'Shut down worker', outside: true, acting: 'rabbitmq' },
  'task.revoke': { role: 'operator', title: 'Revoke task', outside: true, acting: 'rabbitmq' },
  'task.terminate': { role: 'admin', title: 'Terminate task', outside: true, acting: 'rabbitmq' },
  'task.retry': { role: 'operator', title: 'Retry task', outside: true, acting: 'rabbitmq' },
  'task.send': { role: 'admin', title: 'Send task', outside: true, acting: 'rabbitmq' },
  'drill.run': { role: 'operator', title: 'Start drill', outside: true },
  'drill.force': { role: 'admin', title: 'Start forced drill', outside: true },
  'drill.abort': { role: 'operator', title: 'Abort drill', outside: true },
  'token.manage': { role: 'admin', title: 'Manage tokens', outside: false },
} as const satisfies Readonly<Record<string, ActionRule>>;
export type ActionId = keyof typeof ACTIONS;
export const ACTION_IDS = Object.keys(ACTIONS) as readonly ActionId[];

/** What starting this drill counts as. */
export function startActionOf(drill: DrillId): 'drill.run' | 'drill.force' {
  return DRILL_RISK[drill] === 'forced' ? 'drill.force' : 'drill.run';
}

/** Who asks. */
export type Identity = {
  /** `local`, the name of a user, or `token:<name>`. */
  name: string;
  role: Role;
  /** What a token is limited to; null = whatever its role may. `flower` = the Flower API. */
  scopes: readonly string[] | null;
};

/** What the configuration takes away from everybody. */
export type Locks = {
  readOnly: boolean;
  disabled: readonly ActionId[];
  /** The systems that there are credentials to act on; absent = not asked here. */
  acting?: readonly ActingSystem[];
};

/** The scope of a token that lets it through the Flower API, whatever action is behind. */
export const FLOWER_SCOPE = 'flower';
/** What a token can be limited to. */
export const SCOPES: readonly string[] = [...ACTION_IDS, FLOWER_SCOPE];

/** Why an identity may not, as stable codes. */
export const REFUSALS = ['READ_ONLY', 'ACTION_DISABLED', 'NO_CREDENTIALS', 'ROLE_TOO_LOW', 'SCOPE_MISSING'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why it is refused, null = it may. `scope` is what a limited token needs: the action's id unless the door is another. */
export function refusalOf(identity: Identity, action: ActionId, locks: Locks, scope: string = action): Refusal | null {
  const rule: ActionRule = ACTIONS[action];
  if (locks.readOnly && rule.outside) return 'READ_ONLY';
  if (locks.disabled.includes(action)) return 'ACTION_DISABLED';
  if (rule.acting !== undefined && locks.acting?.includes(rule.acting) === false) return 'NO_CREDENTIALS';
  if (ROLES.indexOf(identity.role) < ROLES.indexOf(rule.role)) return 'ROLE_TOO_LOW';
  if (identity.scopes !== null && !identity.scopes.includes(scope)) return 'SCOPE_MISSING';
  return null;
}

/** Why it is refused and what would allow it, in two sentences for people. */
export function describeRefusal(refusal: Refusal, action: ActionId, role: Role, scope: string = action): string {
  const rule: ActionRule = ACTIONS[action];
  switch (refusal) {
    case 'READ_ONLY':
      return 'Trellis is read-only. Set readOnly: false in trellis.yaml and start it again.';
    case 'ACTION_DISABLED':
      return `${action} is disabled here. Take it out of disabled: in trellis.yaml and start Trellis again.`;
    case 'NO_CREDENTIALS':
      return `Trellis has no credentials to act. Add acting: { ${rule.acting}: { user: …, password: … } } to trellis.yaml.`;
    case 'ROLE_TOO_LOW':
      return `This needs the role ${rule.role}; you are ${role}.`;
    case 'SCOPE_MISSING':
      return `This token is limited to other actions. It needs the scope ${scope}.`;
  }
}
