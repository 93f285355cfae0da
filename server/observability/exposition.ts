/** Prometheus's text format, version 0.0.4: what `/metrics` answers. Pure. */

export const METRIC_TYPES = ['counter', 'gauge', 'histogram'] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** One line: `suffix` follows the family's name (`_bucket`, `_sum` and `_count` of a histogram). */
export type MetricSample = { suffix?: string; labels: Readonly<Record<string, string>>; value: number };

/** A metric with its series; plain data, so that it may cross threads. No samples = nobody can tell now. */
export type MetricFamily = { name: string; help: string; type: MetricType; samples: readonly MetricSample[] };

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The families as text, in the order given. */
export function exposition(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('');
}

function familyText({ name, help, type, samples }: MetricFamily): string {
  const head = `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`;
  let text = head;
  for (const { suffix = '', labels, value } of samples) {
    text += `${name}${suffix}${labelsText(labels)} ${numberText(value)}\n`;
  }
  return text;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : value;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
