/** The findings about Consul, its locks and the beats behind them. */
import type { Rule } from '#server/model/rule.ts';
import { consulLeaderDisputed } from './consul-leader-disputed.ts';
import { consulNoLeader } from './consul-no-leader.ts';
import { consulNoTolerance } from './consul-no-tolerance.ts';
import { consulServerDown } from './consul-server-down.ts';
import { consulUnreachable } from './consul-unreachable.ts';
import { fewConsulServers } from './few-consul-servers.ts';
import { lockDelayShort } from './lock-delay-short.ts';
import { lockFree } from './lock-free.ts';
import { lockWithoutTtl } from './lock-without-ttl.ts';
import { noStandbyBeat } from './no-standby-beat.ts';

export const CONSUL_RULES: readonly Rule[] = [
  lockFree,
  consulNoLeader,
  noStandbyBeat,
  consulServerDown,
  consulUnreachable,
  consulLeaderDisputed,
  consulNoTolerance,
  fewConsulServers,
  lockDelayShort,
  lockWithoutTtl,
];
