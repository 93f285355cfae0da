/** For tests: Prometheus's text format, read. */

export type ReadLine = { name: string; labels: Readonly<Record<string, string>>; value: number };
export type ReadMetrics = {
  types: Readonly<Record<string, string>>;
  helps: Readonly<Record<string, string>>;
  lines: ReadLine[];
};

/** Reads a text. @throws Error for a line that is none, and for a series that stands there twice */
export function readExposition(text: string): ReadMetrics {
  const types: Record<string, string> = {};
  const helps: Record<string, string> = {};
  const lines: ReadLine[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'TYPE') types[name] = rest;
    if (keyword === 'HELP') helps[name] = rest;
    if (keyword !== undefined) continue;
    const read = readLine(line);
    const series = JSON.stringify([read.name, Object.entries(read.labels).sort()]);
    if (seen.has(series)) throw new Error(`twice: ${line}`);
    seen.add(series);
    lines.push(read);
  }
  return { types, helps, lines };
}

function readLine(line: string): ReadLine {
  const [, name, , labelText = '', value] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no line of metrics: ${line}`);
  const labels: Record<string, string> = {};
  for (const [, label = '', text = ''] of labelText.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g)) {
    labels[label] = text.replace(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one));
  }
  return { name, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}
