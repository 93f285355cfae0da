/** Import rules: one planting for each list of patterns, since a linter override replaces the whole list. */
import { importing, type Planted } from './planting.ts';

const IMPORTS = 'lint/style/noRestrictedImports';

/** An import that is forbidden in `path`, beside one that is allowed there (or in `goodPath`). */
function boundary(promise: string, says: string, path: string, bad: string, good: string, goodPath?: string): Planted {
  const twin = goodPath ?? path.replace(/(\.test)?\.tsx?$/, (end) => `-legal${end}`);
  return { promise, lint: IMPORTS, says, bad: importing(path, bad), good: importing(twin, good) };
}

const UP = "'../' is forbidden";
const LIB = 'lib imports only lib and zod';
const COMPONENTS = 'components import only lib, components and React packages';
const SHARED = 'never a page';
const APP = 'app imports only';
const SERVER = 'server never imports next, react, app or components';
const WITNESS = 'The product never imports its witnesses';
const CONCRETE = 'name a concrete source';
const PURE = 'Pure file: imports only';
const OBSERVE = 'they never import server/actions';
const INDEPENDENT = 'independent witnesses';

/** Every import rule. */
export const PLANTED_IMPORTS: readonly Planted[] = [
  boundary('../ is forbidden at the root', UP, 'instrumentation.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in lib', UP, 'lib/format/up.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in components', UP, 'components/beat/up.tsx', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in shared components', UP, 'components/ui/up.tsx', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in app', UP, 'app/beat/up.tsx', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in server', UP, 'server/http/up.ts', '..', './thing.ts'),
  boundary('../ is forbidden in a source', UP, 'server/sources/consul/up.ts', '../thing.ts', './thing.ts'),
  boundary(
    '../ is forbidden in wiring',
    UP,
    'server/runtime/boot.ts',
    '../thing.ts',
    './drain.ts',
    'server/runtime/boot-legal.ts',
  ),
  boundary('../ is forbidden in pure files', UP, 'server/model/up.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in rules', UP, 'server/sources/consul/rules/up.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in the lab', UP, 'lab/roles/up.ts', '../thing.ts', '#lab/thing.ts'),
  boundary('../ is forbidden in tests of lib', UP, 'lib/up.test.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in tests of components', UP, 'components/ui/up.test.tsx', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in tests of server', UP, 'server/http/up.test.ts', '../thing.ts', './thing.ts'),
  boundary('../ is forbidden in lab tests', UP, 'server/http/up.lab.test.ts', '../thing.ts', './thing.ts'),

  boundary('lib imports no Node module', LIB, 'lib/node.ts', 'node:fs', 'zod'),
  boundary('lib imports no server', LIB, 'lib/server.ts', '#server/model/fold.ts', '#lib/model/model.ts'),
  boundary('lib imports no React', LIB, 'lib/react.ts', 'react', 'zod/mini'),
  boundary('tests of lib import no server', 'Tests of lib import only', 'lib/a.test.ts', '#server/x.ts', 'vitest'),
  boundary(
    'components import no server',
    COMPONENTS,
    'components/beat/server.tsx',
    '#server/auth/session.ts',
    '#lib/routes.ts',
  ),
  boundary('components import no Node module', COMPONENTS, 'components/beat/node.tsx', 'node:fs', 'react'),
  boundary(
    'components import no server part of Next',
    COMPONENTS,
    'components/beat/headers.tsx',
    'next/headers',
    'next/link',
  ),
  boundary(
    'tests of components import no server',
    'Tests of components import only',
    'components/beat/a.test.tsx',
    '#server/x.ts',
    'fast-check',
  ),
  boundary(
    'shared components import no page',
    SHARED,
    'components/ui/page.tsx',
    '#components/beat/list.tsx',
    '#components/charts/line.tsx',
  ),
  boundary(
    'the shell imports no page',
    SHARED,
    'components/shell/page.tsx',
    '#components/beat/list.tsx',
    '#components/ui/button.tsx',
  ),
  boundary(
    'the live store imports no page',
    SHARED,
    'components/live/page.tsx',
    '#components/beat/list.tsx',
    '#lib/model/patch.ts',
  ),
  boundary('charts import no page', SHARED, 'components/charts/page.tsx', '#components/beat/list.tsx', 'recharts'),
  boundary('app imports no source', APP, 'app/sources.tsx', '#server/sources/registry.ts', '#server/runtime/slot.ts'),
  boundary(
    'app imports no other runtime file',
    APP,
    'app/boot.tsx',
    '#server/runtime/boot.ts',
    '#server/http/problem.ts',
  ),
  boundary('app imports no Node module', APP, 'app/node.tsx', 'node:fs', 'next/headers'),
  boundary('server imports no Next', SERVER, 'server/http/next.ts', 'next/server', 'pino'),
  boundary('server imports no React', SERVER, 'server/http/react.ts', 'react', '#lib/routes.ts'),
  boundary(
    'server imports no components',
    SERVER,
    'server/http/components.ts',
    '#components/ui/button.tsx',
    'node:http',
  ),
  boundary('a source imports no Next', SERVER, 'server/sources/consul/next.ts', 'next', 'consul'),
  boundary(
    'wiring imports no Next',
    SERVER,
    'server/sources/registry.ts',
    'next',
    '#server/sources/consul/observe.ts',
    'server/runtime/boot.ts',
  ),
  boundary('tests of server import no React', SERVER, 'server/http/a.test.ts', 'react', 'vitest'),
  boundary(
    'lab tests of server import no Next',
    SERVER,
    'server/http/a.lab.test.ts',
    'next',
    '#lab/control.ts',
    'server/http/legal.lab.test.ts',
  ),
  boundary('server imports no lab', WITNESS, 'server/http/lab.ts', '#lab/layout.ts', '#server/http/x.ts'),
  boundary('a source imports no lab', WITNESS, 'server/sources/consul/lab.ts', '#lab/layout.ts', './x.ts'),
  boundary(
    'wiring imports no lab',
    WITNESS,
    'server/runtime/boot.ts',
    '#lab/layout.ts',
    './x.ts',
    'server/runtime/other.ts',
  ),
  boundary('unit tests of server import no lab', WITNESS, 'server/http/b.test.ts', '#lab/layout.ts', 'fast-check'),
  boundary(
    'only registry and boot name a concrete source',
    CONCRETE,
    'server/http/concrete.ts',
    '#server/sources/consul/observe.ts',
    '#server/sources/registry.ts',
  ),
  boundary(
    'the model names no concrete source',
    CONCRETE,
    'server/model/concrete.ts',
    '#server/sources/consul/reduce.ts',
    '#server/sources/source.ts',
  ),
  boundary(
    'a source never acts',
    OBSERVE,
    'server/sources/consul/act.ts',
    '#server/actions/executor.ts',
    '#server/config/secrets.ts',
  ),
  boundary(
    'a source never talks to workers',
    OBSERVE,
    'server/sources/celery/act.ts',
    '#server/amqp/pidbox-client.ts',
    '#server/amqp/addresses.ts',
  ),
  boundary('the model never acts', OBSERVE, 'server/model/act.ts', '#server/actions/executor.ts', './x.ts'),
  boundary(
    'a reducer never acts',
    OBSERVE,
    'server/sources/redis/reduce.ts',
    '#server/actions/executor.ts',
    './x.ts',
    'server/sources/consul/reduce.ts',
  ),
  boundary('a pure file imports no Node module', PURE, 'server/model/node.ts', 'node:crypto', 'zod'),
  boundary('a wire format imports no Node module', PURE, 'server/celery/node.ts', 'node:zlib', '#lib/routes.ts'),
  boundary(
    'guards import no package',
    PURE,
    'server/drills/guards.ts',
    'ioredis',
    '#lib/routes.ts',
    'server/http/guards.ts',
  ),
  boundary(
    'a ledger imports no package',
    PURE,
    'server/drills/ledger.ts',
    'amqplib',
    './x.ts',
    'server/http/ledger.ts',
  ),
  boundary(
    'a report imports no Node module',
    PURE,
    'server/drills/report.ts',
    'node:fs',
    './x.ts',
    'server/http/report.ts',
  ),
  boundary(
    'a forecast imports no Node module',
    PURE,
    'server/http/forecast.ts',
    'node:fs',
    './x.ts',
    'server/drills/forecast.ts',
  ),
  boundary(
    'a reducer imports no package',
    PURE,
    'server/sources/haproxy/reduce.ts',
    'yaml',
    './x.ts',
    'server/sources/consul/reduce.ts',
  ),
  boundary(
    'a finding imports no Node module',
    PURE,
    'server/sources/haproxy/rules/a.ts',
    'node:net',
    '#server/sources/haproxy/x.ts',
  ),
  ...['lab', 'e2e', 'bench'].flatMap((room) => [
    boundary(
      `${room} imports no server`,
      INDEPENDENT,
      `${room}/server.ts`,
      '#server/model/fold.ts',
      '#lib/model/model.ts',
    ),
    boundary(`${room} imports no components`, INDEPENDENT, `${room}/components.ts`, '#components/ui/a.tsx', 'node:fs'),
  ]),
  boundary(
    'only micro benchmarks reach into server',
    INDEPENDENT,
    'bench/macro/a.ts',
    '#server/celery/events.ts',
    '#server/celery/events.ts',
    'bench/micro/a.ts',
  ),
  boundary(
    'a reducer elsewhere is pure too',
    PURE,
    'server/http/reduce.ts',
    'node:fs',
    './x.ts',
    'server/stream/reduce.ts',
  ),
  boundary(
    'a reducer may import its own source',
    PURE,
    'server/sources/redis/reduce.ts',
    'ioredis',
    '#server/sources/redis/wire.ts',
    'server/sources/haproxy/reduce.ts',
  ),
  boundary(
    'the registry names the sources',
    CONCRETE,
    'server/sources/scheduler.ts',
    '#server/sources/consul/observe.ts',
    '#server/sources/consul/observe.ts',
    'server/sources/registry.ts',
  ),
  boundary(
    'tests of the model read recordings',
    PURE,
    'server/model/recording.ts',
    'node:fs',
    'node:fs',
    'server/model/recording.test.ts',
  ),
  boundary(
    'tests of components need no JSX',
    COMPONENTS,
    'components/beat/plain.ts',
    'vitest',
    'vitest',
    'components/beat/plain.test.ts',
  ),
  boundary(
    'the configuration knows only slices of sources',
    'only its slice',
    'server/config/a.ts',
    '#server/sources/consul/observe.ts',
    '#server/sources/consul/config.ts',
  ),
  boundary('../ is forbidden in the configuration', UP, 'server/config/up.ts', '../thing.ts', './thing.ts'),
  boundary('the configuration imports no Next', SERVER, 'server/config/next.ts', 'next', 'yaml'),
  boundary('the configuration imports no lab', WITNESS, 'server/config/lab.ts', '#lab/layout.ts', 'zod'),
];
