/** What the scans must see, and what they must let pass. */
import { expression, file, importing, type Planted, type PlantedFile } from './planting.ts';

const unfinished = (word: string) => `// ${word}: later\nexport const a = 1;`;

const GATE = "import { gated } from '#server/http/gate.ts';\n\n";

/** What the scans must see. */
export const PLANTED_SCANS: readonly Planted[] = [
  {
    promise: 'folders too',
    says: 'file and folder names are kebab-case',
    bad: file('components/BeatList/a.ts', 'export {};'),
    good: file('app/(main)/tasks/[taskId]/page.tsx', ''),
  },
  {
    promise: 'documents too',
    says: 'file and folder names are kebab-case',
    bad: file('deploy/my_file.yaml', ''),
    good: file('lab/app/tasks_app.py', ''),
  },
  {
    promise: 'a detour through ./ does not help',
    says: 'no import leaves its folder upwards',
    bad: importing('server/stream/detour.ts', './sub/../../x.ts'),
    good: importing('server/stream/direct.ts', './sub/x.ts'),
  },
  {
    promise: 'nor does one through #',
    says: 'no import leaves its folder upwards',
    bad: importing('lib/detour.ts', '#lib/../server/x.ts'),
    good: importing('lib/direct.ts', '#lib/format/x.ts'),
  },
  {
    promise: 'plain Node needs the extension',
    says: 'imports carry their file extension',
    bad: importing('server/stream/bare.ts', '#server/stream/one'),
    good: importing('server/stream/full.ts', '#server/stream/one.ts'),
  },
  {
    promise: 'haproxy does not know consul',
    says: 'sources never import each other',
    bad: importing('server/sources/haproxy/observe.ts', '#server/sources/consul/client.ts'),
    good: importing('server/sources/haproxy/rules/b.ts', '#server/sources/haproxy/csv.ts'),
  },
  {
    promise: 'nor in its tests',
    says: 'sources never import each other',
    bad: importing('server/sources/haproxy/observe.test.ts', '#server/sources/consul/client.ts'),
    good: importing('server/sources/haproxy/client.ts', '#server/sources/source.ts'),
  },
  {
    promise: 'tasks does not know beat',
    says: 'a page never imports another page',
    bad: importing('components/tasks/list.tsx', '#components/beat/list.tsx'),
    good: importing('components/tasks/detail/graph.tsx', '#components/tasks/filter.ts'),
  },
  {
    promise: 'also through a neighbour',
    says: 'what a pure file reaches is pure',
    bad: importing('server/sources/redis/reduce.ts', './wire.ts'),
    good: importing('server/sources/consul/reduce.ts', './text.ts'),
  },
  {
    promise: 'no argument, no date',
    says: 'pure files take the time as an argument',
    bad: expression('server/model/today.ts', 'new Date()'),
    good: expression('server/model/day.ts', '(ms: number) => new Date(ms)'),
  },
  {
    promise: 'without parentheses too',
    says: 'pure files take the time as an argument',
    bad: expression('lib/today.ts', 'new Date'),
    good: expression('lib/day.ts', "Date.parse('2026-01-01')"),
  },
  {
    promise: 'no call',
    says: 'no work at import time',
    bad: file('server/audit/start.ts', 'register();\nfunction register() {}'),
    good: file('server/cli/audit.ts', 'await main();\nasync function main() {}'),
  },
  {
    promise: 'no await',
    says: 'no work at import time',
    bad: file('server/audit/read.ts', "export const a = await import('node:fs');"),
    good: file('server/audit/write.ts', "export const a = () => import('node:fs');"),
  },
  {
    promise: 'no connection',
    says: 'no work at import time',
    bad: file('server/audit/redis.ts', "const client = new Redis('x');\nexport const a = client;"),
    good: file('server/audit/map.ts', 'export const a = new Map();'),
  },
  {
    promise: 'no timer',
    says: 'no work at import time',
    bad: file('server/audit/timer.ts', 'export const a = setInterval(() => {}, 1);'),
    good: file('server/audit/timers.ts', 'export const a = () => setInterval(() => {}, 1);'),
  },
  {
    promise: 'no file',
    says: 'no work at import time',
    bad: file('server/audit/file.ts', "export const a = readFileSync('x');"),
    good: file('server/audit/file.test.ts', "const a = readFileSync('x');"),
  },
  {
    promise: 'no write by HTTP',
    says: 'sources only observe',
    bad: expression('server/sources/consul/put.ts', "fetch('x', { method: 'PUT' })"),
    good: expression('server/actions/consul-session-destroy.ts', "fetch('x', { method: 'PUT' })"),
  },
  {
    promise: 'no Sentinel command',
    says: 'sources only observe',
    bad: expression('server/sources/redis/failover.ts', "call('SENTINEL', 'FAILOVER', 'x')"),
    good: expression('server/sources/redis/masters.ts', "call('SENTINEL', 'MASTERS')"),
  },
  {
    promise: 'no message',
    says: 'sources only observe',
    bad: expression('server/sources/rabbitmq/send.ts', "channel.publish('', 'x')"),
    good: expression('server/sources/rabbitmq/receive.ts', "channel.consume('x')"),
  },
  {
    promise: 'no HAProxy command',
    says: 'sources only observe',
    bad: expression('server/sources/haproxy/drain.ts', "send('set server a/b state drain')"),
    good: expression('server/sources/haproxy/show.ts', "send('show stat')"),
  },
  {
    promise: 'a handler that writes by itself',
    says: 'every write goes through the gate',
    bad: file(
      'app/api/v1/tasks/a/route.ts',
      'export async function POST(request: Request) {\n  return write(request);\n}',
    ),
    good: file(
      'app/api/v1/tasks/b/route.ts',
      `${GATE}export function POST(request: Request) {\n  return gated(request, rule, effect);\n}`,
    ),
  },
  {
    promise: 'one of two handlers',
    says: 'every write goes through the gate',
    bad: file(
      'app/api/v1/tasks/c/route.ts',
      `${GATE}export function POST(request: Request) {\n  return gated(request, rule, effect);\n}\n\nexport async function DELETE() {\n  return write();\n}`,
    ),
    good: file(
      'app/api/v1/tasks/d/route.ts',
      `${GATE}export function POST(request: Request) {\n  return gated(request, rule, effect);\n}\n\nexport function DELETE(request: Request) {\n  return gated(request, rule, effect);\n}`,
    ),
  },
  {
    promise: 'a gate of one’s own',
    says: 'every write goes through the gate',
    bad: file(
      'app/api/v1/tasks/e/route.ts',
      "import { gated } from './gate.ts';\n\nexport const PUT = (request: Request) => gated(request, rule, effect);",
    ),
    good: file(
      'app/api/v1/tasks/f/route.ts',
      `${GATE}export const PUT = (request: Request) => gated(request, rule, effect);`,
    ),
  },
  {
    promise: 'a handler under another name',
    says: 'every write goes through the gate',
    bad: file('app/api/v1/tasks/g/route.ts', 'async function write() {}\n\nexport { write as PATCH };'),
    good: file('app/api/v1/tasks/h/route.ts', 'async function read() {}\n\nexport { read as GET };'),
  },
  ...['TO' + 'DO', 'FIX' + 'ME'].map(
    (word): Planted => ({
      promise: `no ${word.toLowerCase()}`,
      says: 'nothing unfinished or switched off',
      bad: file(`lab/${word.toLowerCase()}.ts`, unfinished(word)),
      good: file('lab/done.ts', unfinished('note')),
    }),
  ),
  ...['on' + 'ly', 'sk' + 'ip'].map(
    (word): Planted => ({
      promise: `no .${word}`,
      says: 'nothing unfinished or switched off',
      bad: file(`e2e/${word}.spec.ts`, `test.${word}('x', () => {});`),
      good: file('e2e/all.spec.ts', "test('x', () => {});\nlist.skipWhile(1);"),
    }),
  ),
  {
    promise: 'any registry',
    says: 'the lock file names no registry',
    bad: file('package-lock.json', '{\n  "resolved": "https://registry.example/a.tgz"\n}'),
    good: file('lab/lock.json', '{ "resolved": "https://x" }'),
  },
];

/** What other plantings import. */
export const PLANTED_SUPPORT: readonly PlantedFile[] = [
  file('server/stream/two.ts', "import { one } from './one.ts';\n\nexport const two = () => one;"),
  importing('server/sources/redis/wire.ts', 'node:net'),
  file('server/sources/consul/text.ts', "import type { thing } from 'node:net';\n\nexport type Used = typeof thing;"),
];
