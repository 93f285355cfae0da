/** Rules about code: what pure files do without, what belongs to one place only, and what is forbidden everywhere. */
import { expression, file, importing, type Planted } from './planting.ts';

const GLOBALS = 'lint/style/noRestrictedGlobals';
const PROPERTIES = 'lint/nursery/noJsRestrictedProperties';

const PURE_GLOBALS = [
  ...["fetch('x')", "new WebSocket('x')", "new EventSource('x')", 'new XMLHttpRequest()', "new Worker('x')"],
  ...['setTimeout(Object, 1)', 'setInterval(Object, 1)', 'setImmediate(Object)', 'queueMicrotask(() => {})'],
  ...['requestAnimationFrame(() => {})', 'performance.now()', 'crypto.randomUUID()', 'process.pid'],
  ...[
    'require',
    'window',
    'document',
    'navigator',
    'localStorage',
    'sessionStorage',
    'console',
    'globalThis',
    'global',
  ],
] as const;

const PURE_FILES = ['lib/x', 'server/model/x', 'server/celery/x', 'server/sources/haproxy/rules/x'] as const;

/** Everything global that a pure file must do without, in each place where pure files live. */
export const PLANTED_IMPURITY: readonly Planted[] = [
  ...PURE_FILES.flatMap((stem) =>
    PURE_GLOBALS.map((code, index): Planted => {
      const name = /^(?:new )?(\w+)/.exec(code)?.[1] ?? code;
      return {
        promise: `${stem}.ts does without ${name}`,
        lint: GLOBALS,
        says: `global variable ${name}`,
        bad: expression(`${stem}-global-${index}.ts`, code),
        good: expression(
          `${stem}-no-global-${index}.ts`,
          `(${name === 'require' ? 'need' : 'given'}: string) => ${name === 'require' ? 'need' : 'given'}`,
        ),
      };
    }),
  ),
  {
    promise: 'lib does without Buffer',
    lint: GLOBALS,
    says: 'global variable Buffer',
    bad: expression('lib/buffer.ts', "Buffer.from('x')"),
    good: expression('server/celery/buffer.ts', "Buffer.from('x')"),
  },
  ...PURE_FILES.flatMap((stem): Planted[] => [
    {
      promise: `${stem}.ts reads no clock`,
      lint: PROPERTIES,
      says: "'Date.now'",
      bad: expression(`${stem}-clock.ts`, 'Date.now()'),
      good: expression(`${stem}-no-clock.ts`, 'Date.UTC(2026, 0)'),
    },
    {
      promise: `${stem}.ts makes no randomness`,
      lint: PROPERTIES,
      says: "'Math.random'",
      bad: expression(`${stem}-random.ts`, 'Math.random()'),
      good: expression(`${stem}-no-random.ts`, 'Math.max(1, 2)'),
    },
  ]),
];

function manyLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `export const a${index} = 1;`).join('\n');
}

const TESTED = ['lib', 'server/model'] as const;

/** Tests of pure files use clocks and files, yet share no globals and read no environment. */
export const PLANTED_TESTS: readonly Planted[] = TESTED.flatMap((room): Planted[] => [
  {
    promise: `tests of ${room} may wait`,
    lint: GLOBALS,
    says: 'global variable setTimeout',
    bad: expression(`${room}/wait.ts`, 'setTimeout(Object, 1)'),
    good: expression(`${room}/wait.test.ts`, 'setTimeout(Object, 1)'),
  },
  {
    promise: `tests of ${room} may read the clock`,
    lint: PROPERTIES,
    says: "'Date.now'",
    bad: expression(`${room}/now.ts`, 'Date.now()'),
    good: expression(`${room}/now.test.ts`, 'Date.now()'),
  },
  {
    promise: `tests of ${room} do not touch globalThis`,
    lint: GLOBALS,
    says: 'global variable globalThis',
    bad: expression(`${room}/this.test.ts`, "Reflect.get(globalThis, 'x')"),
    good: expression(`${room}/no-this.test.ts`, 'Object.keys({})'),
  },
  {
    promise: `tests of ${room} do not read the environment`,
    lint: PROPERTIES,
    says: "'process.env'",
    bad: expression(`${room}/env.test.ts`, 'process.env.HOME'),
    good: expression(`${room}/no-env.test.ts`, 'process.pid'),
  },
]);

/** Style and safety rules that hold everywhere, and the places that are let off. */
export const PLANTED_CODE: readonly Planted[] = [
  {
    promise: 'only slot.ts touches globalThis',
    lint: GLOBALS,
    says: 'global variable globalThis',
    bad: expression('server/runtime/drain.ts', "Reflect.get(globalThis, 'x')"),
    good: expression('server/runtime/slot.ts', "Reflect.get(globalThis, 'x')"),
  },
  ...['app/env.tsx', 'server/http/env.ts', 'server/sources/consul/env.ts', 'components/ui/env.tsx', 'proxy.ts'].map(
    (path): Planted => ({
      promise: `${path} does not read the environment`,
      lint: 'lint/style/noProcessEnv',
      says: 'process.env',
      bad: expression(path, 'process.env.HOME'),
      good: expression(`${path.replace(/\/?[\w-]+\.tsx?$/, '')}/pid.ts`.replace(/^\//, ''), 'process.pid'),
    }),
  ),
  ...[
    'server/config/load.ts',
    'server/cli/doctor.ts',
    'instrumentation.ts',
    'vitest.config.ts',
    'next.config.js',
    'lab/env.ts',
    'e2e/env.ts',
    'bench/env.ts',
  ].map(
    (path): Planted => ({
      promise: `${path} may read the environment, its neighbours may not`,
      lint: PROPERTIES,
      says: "'process.env'",
      bad: file('server/config/schema.ts', 'const { env } = process;\nexport const home = env.HOME;'),
      good: expression(path, 'process.env.HOME'),
    }),
  ),
  ...['page', 'layout', 'loading', 'error', 'not-found'].map(
    (name): Planted => ({
      promise: `a default export belongs to Next's files only: ${name}`,
      lint: 'lint/style/noDefaultExport',
      says: 'default',
      bad: file(`components/beat/${name}.tsx`, 'export default function Thing() {\n  return null;\n}'),
      good: file(`app/beat/${name}.tsx`, 'export default function Thing() {\n  return null;\n}'),
    }),
  ),
  ...['next.config.js', 'tools.config.ts', 'app/manifest.ts', 'lib/styles.d.ts'].map(
    (path): Planted => ({
      promise: `a tool demands a default export: ${path}`,
      lint: 'lint/style/noDefaultExport',
      says: 'default',
      bad: file('lib/default.ts', 'export default 1;'),
      good: file(path, path.endsWith('.d.ts') ? 'declare const a: number;\nexport default a;' : 'export default 1;'),
    }),
  ),
  {
    promise: 'route handlers export verbs',
    lint: 'lint/style/noDefaultExport',
    says: 'default',
    bad: file('app/api/a/route.ts', 'export default function get() {\n  return null;\n}'),
    good: file('app/api/b/route.ts', 'export function GET() {\n  return null;\n}'),
  },
  {
    promise: 'no import cycles',
    lint: 'lint/suspicious/noImportCycles',
    says: 'cycle',
    bad: file('server/stream/one.ts', "import { two } from '#server/stream/two.ts';\n\nexport const one = () => two;"),
    good: file('server/stream/three.ts', "import { one } from './one.ts';\n\nexport const three = () => one;"),
  },
  {
    promise: 'no barrels',
    lint: 'lint/performance/noBarrelFile',
    says: 'barrel',
    bad: file('server/stream/barrel.ts', "export { one } from './one.ts';\nexport { two } from './two.ts';"),
    good: importing('server/stream/user.ts', './one.ts', 'one'),
  },
  {
    promise: 'no re-export of everything',
    lint: 'lint/performance/noReExportAll',
    says: 'export',
    bad: file('server/stream/all.ts', "export * from './one.ts';"),
    good: file('server/stream/all-legal.ts', 'export const all = 1;'),
  },
  {
    promise: 'no any',
    lint: 'lint/suspicious/noExplicitAny',
    says: 'any',
    bad: file('server/http/any.ts', 'export const a = (b: any) => String(b);'),
    good: file('server/http/not-any.ts', 'export const a = (b: unknown) => String(b);'),
  },
  {
    promise: 'no parameter properties',
    lint: 'lint/style/noParameterProperties',
    says: 'parameter',
    bad: file('server/http/prop.ts', 'export class A {\n  constructor(readonly b: string) {}\n}'),
    good: file('server/http/no-prop.ts', 'export class A {\n  readonly b = 1;\n}'),
  },
  {
    promise: 'no enum',
    lint: 'lint/style/noEnum',
    says: 'enum',
    bad: file('server/http/enum.ts', 'export enum A {\n  B = 1,\n}'),
    good: file('server/http/no-enum.ts', "export const A = ['b'] as const;"),
  },
  {
    promise: 'no namespace',
    lint: 'lint/style/noNamespace',
    says: 'namespace',
    bad: file('server/http/space.ts', 'export namespace A {\n  export const b = 1;\n}'),
    good: file('server/http/no-space.ts', 'export const b = 1;'),
  },
  {
    promise: 'files stay short',
    lint: 'lint/style/noExcessiveLinesPerFile',
    says: 'line',
    bad: file('server/http/long.ts', manyLines(401)),
    good: file('server/http/short.ts', manyLines(380)),
  },
  {
    promise: 'code file names are kebab-case',
    lint: 'lint/style/useFilenamingConvention',
    says: 'kebab-case',
    bad: file('server/http/camelCase.ts', 'export const a = 1;'),
    good: file('server/http/kebab-case.ts', 'export const a = 1;'),
  },
  {
    promise: 'no promise is left to float',
    lint: 'lint/nursery/noFloatingPromises',
    says: 'Promise',
    bad: file(
      'server/http/float.ts',
      'async function later(): Promise<void> {}\nexport function go(): void {\n  later();\n}',
    ),
    good: file(
      'server/http/no-float.ts',
      'async function later(): Promise<void> {}\nexport async function go(): Promise<void> {\n  await later();\n}',
    ),
  },
  {
    promise: 'the product uses no development package',
    lint: 'lint/correctness/noUndeclaredDependencies',
    says: "isn't specified",
    bad: importing('server/http/dev.ts', 'fast-check'),
    good: importing('server/http/dev.test.ts', 'fast-check'),
  },
  {
    promise: 'no undeclared package',
    lint: 'lint/correctness/noUndeclaredDependencies',
    says: "isn't specified",
    bad: importing('lab/undeclared.ts', 'lodash'),
    good: importing('lab/declared.ts', 'vitest'),
  },
  ...[
    'e2e/dev.ts',
    'bench/dev.ts',
    'tools.config.ts',
    'server/sources/source-contract.ts',
    'server/history/contract.ts',
    'app/a.test.tsx',
  ].map(
    (path): Planted => ({
      promise: `${path} may use a development package`,
      lint: 'lint/correctness/noUndeclaredDependencies',
      says: "isn't specified",
      bad: importing('lib/dev.ts', 'vitest'),
      good: importing(path, 'vitest'),
    }),
  ),
  {
    promise: 'only errors are thrown',
    lint: 'lint/style/useThrowOnlyError',
    says: 'Error',
    bad: file('server/http/throw.ts', "export function go(): never {\n  throw 'x';\n}"),
    good: file('server/http/throw-error.ts', "export function go(): never {\n  throw new Error('x');\n}"),
  },
];
