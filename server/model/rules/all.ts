/** The findings that need several systems. */
import type { Rule } from '#server/model/rule.ts';
import { endpointSilent } from './endpoint-silent.ts';
import { hostDown } from './host-down.ts';

export const SYSTEM_RULES: readonly Rule[] = [hostDown, endpointSilent];
