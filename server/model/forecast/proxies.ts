/** What a loss does to the entrances: proxies that go, and proxies that must send to another broker node. Pure. */
import { orList, someOf } from '#lib/format/list.ts';
import { formatAge } from '#lib/format/quantity.ts';
import type { Effect } from '#lib/model/forecast.ts';
import type { Proxy, ProxyBackend, ProxyServer } from '#lib/model/haproxy.ts';
import { servingServers } from '#lib/model/proxy-agreement.ts';
import { proxySwitch } from './bands.ts';
import { pauseOf } from './broker.ts';
import { effect, type Loss } from './loss.ts';

/** The proxies that fail themselves. */
export function entranceEffects(loss: Loss): Effect[] {
  return loss.lost('proxies').map(({ id, host, by }) => {
    const text =
      host !== null && loss.hosts.has(host)
        ? `${id} goes with ${host}, and with it the entrance of the applications there.`
        : `Applications that use ${id} have no other entrance that Trellis knows.`;
    return effect('entrance', { kind: 'proxies', id }, 'stops', text, by);
  });
}

/** Publishing through the proxies that are left, where broker nodes are among what fails. */
export function publishEffects(loss: Loss): Effect[] {
  const { model, process } = loss.estate;
  if (loss.lost('brokerNodes').length === 0) return [];
  return Object.values(model.proxies).flatMap((proxy): Effect[] => {
    if (loss.goes('proxies', proxy.id)) return [];
    const subject = { kind: 'proxies', id: proxy.id } as const;
    const { standing, doubt } = process('proxies', proxy.id);
    const backends = proxy.backends.filter(({ carries }) => carries === 'broker');
    if (standing !== 'alive') {
      const concerned = proxy.backends.length === 0 || backends.some(({ servers }) => servers.some(isLost(loss)));
      const text = `Where ${proxy.id} would send cannot be told: ${doubt}.`;
      return concerned ? [effect('publish', subject, 'unknown', text, [proxy.own])] : [];
    }
    return backends.flatMap((backend) => backendEffect(proxy, backend, loss) ?? []);
  });
}

const isLost =
  (loss: Loss) =>
  ({ target }: ProxyServer): boolean =>
    target?.kind === 'brokerNodes' && loss.goes('brokerNodes', target.id);

function backendEffect(proxy: Proxy, backend: ProxyBackend, loss: Loss): Effect | null {
  const subject = { kind: 'proxies', id: proxy.id, part: backend.name } as const;
  const serving = servingServers(backend);
  const failing = serving.filter(isLost(loss));
  const tell = (outcome: Effect['outcome'], text: string, more: Partial<Effect> = {}, by: readonly string[] = []) =>
    effect('publish', subject, outcome, text, [proxy.own, ...by], more);
  if (serving.length === 0) return tell('stops', `${proxy.id} reaches no broker node even now.`);
  if (failing.length === 0) return null;
  const from = someOf(failing.map(({ name }) => name));
  const unchecked = failing.filter(({ check }) => check.kind === 'none');
  if (unchecked.length > 0) {
    return tell(
      'stops',
      `${proxy.id} does not check ${someOf(unchecked.map(({ name }) => name))}, and would go on sending there.`,
    );
  }
  const next = nextServers(backend, loss);
  if (next.length === 0) return tell('stops', `${proxy.id} sends to ${from}, and has no other server to send to.`);
  const pause = pauseOf(loss);
  if (pause !== null) return tell(pause.outcome, `${proxy.id}: ${pause.text}`, {}, pause.by);
  const targets = next.map(({ target }) => (target === null ? null : loss.estate.process('brokerNodes', target.id)));
  const by = targets.flatMap((target) => target?.by ?? []);
  const seen = next.filter((_, i) => targets[i]?.standing === 'alive');
  if (seen.length === 0) {
    const doubts = targets.map((target, i) => target?.doubt || `${next[i]?.name} is no known broker node`);
    return tell(
      'unknown',
      `${proxy.id} would send to ${orList(next.map(({ name }) => name))}: ${doubts.join('; ')}.`,
      {},
      by,
    );
  }
  const bands = failing.flatMap(({ check }) => proxySwitch(check) ?? []);
  const outageMs =
    bands.length < failing.length
      ? null
      : { from: Math.max(...bands.map((band) => band.from)), to: Math.max(...bands.map((band) => band.to)) };
  const after = outageMs === null ? 'after how long is not known, for want of its check interval' : within(outageMs);
  const names = seen.map(({ name }) => name);
  return tell(
    'takes-over',
    `${proxy.id} sends to ${orList(names)} instead of ${from}: ${after}.`,
    { successors: names, outageMs },
    by,
  );
}

/** HAProxy's rule: the usable actives, else the first usable backup in the order of its configuration. */
function nextServers({ servers }: ProxyBackend, loss: Loss): ProxyServer[] {
  const gone = ({ target }: ProxyServer) =>
    target?.kind === 'brokerNodes' && loss.after('brokerNodes', target.id) === 'down';
  const left = servers.filter((server) => server.usable && !gone(server));
  const active = left.filter((server) => !server.backup);
  return active.length > 0 ? active : left.slice(0, 1);
}

function within({ from, to }: { from: number; to: number }): string {
  return `within ${formatAge(from)} to ${formatAge(to)}`;
}
