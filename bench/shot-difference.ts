/** What is another way than it was, between two shots of the lab. Pure. */

/** What a shot holds: things of one kind, by name, each in a word. */
export type Shot = Readonly<Record<Aspect, Readonly<Record<string, string>>>>;

/** Who has which role. */
export const ROLE_ASPECTS = ['redis', 'sentinels', 'leaders', 'lock', 'consul'] as const;
/** What somebody has set, and how the processes are. */
export const SETTING_ASPECTS = ['servers', 'policies', 'frozen', 'stopped'] as const;
/** One of them. */
export type Aspect = (typeof ROLE_ASPECTS)[number] | (typeof SETTING_ASPECTS)[number];

/** Temporary policies of moves have this prefix. */
export const MOVE_POLICIES = 'trellis-move-';

const ABSENT = 'none';

/** One line for each thing that is different: `redis host-1: master, now follows 127.0.1.2`. */
export function differences(before: Shot, after: Shot, aspects: readonly Aspect[]): string[] {
  return aspects.flatMap((aspect) => {
    const [was, is] = [before[aspect], after[aspect]];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names
      .filter((name) => was[name] !== is[name])
      .map((name) => `${aspect} ${name}: ${was[name] ?? ABSENT}, now ${is[name] ?? ABSENT}`);
  });
}

/** What no drill may ever leave, as it stands in a shot: servers out of service, temporary policies, frozen processes. */
export function leftBehind({ servers, policies, frozen }: Shot): string[] {
  const out = Object.entries(servers).filter(([, state]) => state === 'drain' || state === 'maint');
  return [
    ...out.map(([server, state]) => `${server} is in ${state}`),
    ...Object.keys(policies)
      .filter((name) => name.startsWith(MOVE_POLICIES))
      .map((name) => `policy ${name} is there`),
    ...Object.keys(frozen).map((member) => `${member} is frozen`),
  ];
}

/** How often a Redis was told to hold writes back, and to let them go, since it was started. */
export type WriteOrders = { readonly held: number; readonly released: number };

/** From `INFO commandstats`. */
export function writeOrders(text: string): WriteOrders {
  const calls = (name: string) =>
    Number(text.match(new RegExp(`^cmdstat_client\\|${name}:calls=(\\d+)`, 'm'))?.[1] ?? 0);
  return { held: calls('pause'), released: calls('unpause') };
}

/** The hosts whose writes were held back and not let go by order: a pause that runs out by itself counts as left. */
export function neverReleased(
  before: Readonly<Record<string, WriteOrders>>,
  after: Readonly<Record<string, WriteOrders>>,
): string[] {
  return Object.entries(after).flatMap(([host, now]) => {
    const was = before[host] ?? { held: 0, released: 0 };
    return now.held > was.held && now.released === was.released ? [host] : [];
  });
}

/** Bits of `srv_admin_state`: out of service, or drained, by whomever. */
const MAINT = 0x01 | 0x02 | 0x04 | 0x20;
const DRAIN = 0x08 | 0x10;

/** The administrative state of every `backend/server`, from `show servers state`. */
export function serverStates(text: string): Record<string, string> {
  const lines = text.split('\n');
  const header = lines.find((line) => line.startsWith('# ')) ?? '';
  const names = header.slice(2).split(' ');
  const rows = lines.slice(lines.indexOf(header) + 1).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    rows.map((line) => {
      const cells = line.split(' ');
      const cell = (name: string) => cells[names.indexOf(name)] ?? '';
      return [`${cell('be_name')}/${cell('srv_name')}`, stateOf(Number(cell('srv_admin_state')))];
    }),
  );
}

function stateOf(bits: number): string {
  if ((bits & MAINT) !== 0) return 'maint';
  return (bits & DRAIN) === 0 ? 'ready' : 'drain';
}
