/** Why buttons of a page are off, said once for each reason. Pure. */
import type { Session } from '#lib/contract/session.ts';
import { andList } from '#lib/format/list.ts';
import { ACTIONS, type ActionId, describeRefusal } from '#lib/permissions.ts';

/** The reasons why some of `actions` are refused; one that holds for some only names them. */
export function whyNot({ may, identity }: Session, actions: readonly ActionId[]): readonly string[] {
  const reasons = Map.groupBy(
    actions.filter((action) => may[action] !== null),
    (action) => {
      const refusal = may[action];
      return refusal === null ? '' : describeRefusal(refusal, action, identity.role);
    },
  );
  return [...reasons].map(([reason, refused]) =>
    refused.length === actions.length
      ? reason
      : `${andList(refused.map((action) => ACTIONS[action].title))}: ${reason}`,
  );
}
