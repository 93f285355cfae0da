/** What the findings about policies of mirrored queues share. */
import { formatCount } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Policy } from '#lib/model/rabbitmq.ts';
import type { Found } from '#server/model/rule.ts';
import { surveyQueues } from './queue-survey.ts';
import { shellWord } from './words.ts';

type Weakness = {
  weak: (definition: Policy['definition']) => boolean;
  /** Ends the sentence `The policy ha-all (3 queues) …`. */
  text: string;
  says: (definition: Policy['definition']) => string;
  advice: string;
  /** What is to be set. */
  change: Readonly<Record<string, string>>;
};

/** One finding for each policy with this weakness that mirrored queues follow now. */
export function weakPolicies({ weak, text, says, advice, change }: Weakness, model: Model, now: number): Found[] {
  return (surveyQueues(model, now)?.mirrorPolicies ?? []).flatMap(({ policy, queues }): Found[] => {
    const { id, name, by, definition } = policy;
    if (!weak(definition) || !isCurrent(model.readings[by], now)) return [];
    return [
      {
        subject: { kind: 'policies', id },
        text: `The policy ${name} (${formatCount(queues, 'mirrored queue')}) ${text}.`,
        evidence: [{ by, says: `${name}: ${says(definition)}` }],
        advice: { text: advice, command: setPolicy(policy, change) },
      },
    ];
  });
}

/** Sets the whole policy anew: RabbitMQ changes no single key. null = Trellis does not know all of it. */
function setPolicy({ vhost, name, pattern, priority, appliesTo, definition }: Policy, change: object): string | null {
  if (Object.values(definition).includes(null)) return null;
  const options = `-p ${shellWord(vhost)} --priority ${priority} --apply-to ${shellWord(appliesTo)}`;
  const body = shellWord(JSON.stringify({ ...definition, ...change }));
  return `rabbitmqctl set_policy ${options} ${shellWord(name)} ${shellWord(pattern)} ${body}`;
}
