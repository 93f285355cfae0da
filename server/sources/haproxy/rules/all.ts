/** The findings about HAProxy. */
import type { Rule } from '#server/model/rule.ts';
import { lastUsableServer } from './last-usable-server.ts';
import { noBackupServer } from './no-backup-server.ts';
import { proxiesDisagree } from './proxies-disagree.ts';
import { proxyDown } from './proxy-down.ts';
import { proxyOnBackup } from './proxy-on-backup.ts';
import { proxyOnDeadServer } from './proxy-on-dead-server.ts';
import { proxyPastMaster } from './proxy-past-master.ts';
import { proxyServerDown } from './proxy-server-down.ts';
import { proxyServerInMaintenance } from './proxy-server-in-maintenance.ts';
import { proxyServesNobody } from './proxy-serves-nobody.ts';
import { proxyTwoMasters } from './proxy-two-masters.ts';
import { sessionsSurvive } from './sessions-survive.ts';
import { slowCheck } from './slow-check.ts';
import { tcpOnlyCheck } from './tcp-only-check.ts';
import { uncheckedServer } from './unchecked-server.ts';

export const HAPROXY_RULES: readonly Rule[] = [
  proxyDown,
  proxyServesNobody,
  proxyTwoMasters,
  proxyPastMaster,
  proxiesDisagree,
  proxyOnBackup,
  lastUsableServer,
  proxyServerDown,
  proxyOnDeadServer,
  proxyServerInMaintenance,
  tcpOnlyCheck,
  uncheckedServer,
  noBackupServer,
  sessionsSurvive,
  slowCheck,
];
