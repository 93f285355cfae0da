/** ConsulNoTolerance: no further Consul server may fail. */
import { isCurrent } from '#lib/model/freshness.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { goneServers, plannedServers } from './shared.ts';

/** With fewer servers none may ever fail: that is `FewConsulServers`. */
const ENOUGH = 3;

export const consulNoTolerance: Rule = {
  code: 'ConsulNoTolerance',
  severity: 'warning',
  posture: false,
  means:
    'Consul’s autopilot says that no further server may fail, or that the cluster is not healthy. If one more fails, Consul has no leader, and the beat that holds the lock stops.',
  mend: 'Bring the missing servers back. A server that is just back counts only after ten stable seconds.',
  holdMs: 5_000,
  find(model, now) {
    return Object.values(model.coordinators).flatMap((coordinator): Found[] => {
      const { healthBy, healthy, failureTolerance, voters } = coordinator;
      if (healthBy === null || !isCurrent(model.readings[healthBy], now)) return [];
      const noneMayFail = failureTolerance === 0 && plannedServers(voters, model, now) >= ENOUGH;
      if (!noneMayFail && healthy !== false) return [];
      return [
        {
          subject: { kind: 'coordinators', id: coordinator.id },
          text: noneMayFail
            ? 'No further Consul server may fail: one less, and nobody can hold the lock.'
            : `Consul’s autopilot calls the cluster unhealthy; ${failureTolerance ?? 'it is not told how many'} of its servers may still fail.`,
          evidence: [
            {
              by: healthBy,
              says: `autopilot: ${healthy === false ? 'unhealthy' : 'healthy'}, failure tolerance ${failureTolerance ?? 'not told'}`,
            },
          ],
          advice: {
            text: 'Bring the missing servers back. This shows which of them autopilot does not count.',
            command: 'curl http://127.0.0.1:8500/v1/operator/autopilot/health',
          },
          because: goneServers(model, now),
        },
      ];
    });
  },
};
