/** Takes secrets out of the settings that a worker tells. Pure. */
import { objectOf } from '#server/celery/values.ts';

/** Celery's own list of words in names of settings that it hides; it does not look into every value, so this does again. */
const HIDDEN_NAME = /API|TOKEN|KEY|SECRET|PASS|SIGNATURE|DATABASE|BEAT_DBURI/i;
const HIDDEN = '***';

/** The settings with every text under such a name hidden; URLs have lost their credentials before. */
export function scrubConf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubConf);
  const entries = objectOf(value);
  if (entries === null) return value;
  const told = Object.entries(entries).map(([name, one]) => {
    const isHidden = HIDDEN_NAME.test(name) && typeof one === 'string' && one !== '';
    return [name, isHidden ? HIDDEN : scrubConf(one)] as const;
  });
  return Object.fromEntries(told);
}
