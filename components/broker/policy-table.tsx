/** The policy that wins for a queue. */
import type { ReactNode } from 'react';
import { Empty } from '#components/ui/panel.tsx';
import type { Policy } from '#lib/model/rabbitmq.ts';

/** `name` as the queue tells it; `policy` = its definition, null when that is not told. */
export function PolicyTable({ name, policy }: { name: string | null; policy: Policy | null }) {
  return (
    <section aria-labelledby="queue-policy" className="min-w-0">
      <h3 id="queue-policy" className="mb-1 font-semibold">
        Policy that wins
      </h3>
      {name === null ? (
        <Empty>No policy matches this queue: what it was declared with is all that holds.</Empty>
      ) : policy === null ? (
        <Empty>{name} wins, its definition is not told. Sources tells whether /api/policies answers.</Empty>
      ) : (
        <table className="max-w-full text-left text-[12px]">
          <caption className="sr-only">policy {name}</caption>
          <tbody>
            <Row name="name">{policy.name}</Row>
            <Row name="pattern">{policy.pattern}</Row>
            <Row name="apply-to">{policy.appliesTo}</Row>
            <Row name="priority">{policy.priority}</Row>
            {Object.entries(policy.definition).map(([key, value]) => (
              <Row key={key} name={key}>
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </Row>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <tr className="border-t border-line">
      <th scope="row" className="py-0.5 pr-4 align-top font-normal whitespace-nowrap text-text-3">
        {name}
      </th>
      <td className="py-0.5 font-mono break-all">{children}</td>
    </tr>
  );
}
