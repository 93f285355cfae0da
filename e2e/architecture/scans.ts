/** The rules that a linter's options cannot express, as scans over the text of the tree. */
import {
  type ImportedModule,
  importsOf,
  isCode,
  isTest,
  lineAt,
  nameOf,
  resolveImport,
  type SourceFile,
} from './tree.ts';

/** A place that breaks a rule. */
export type Violation = { rule: string; path: string; line: number; text: string };

type Scan = (files: readonly SourceFile[]) => Omit<Violation, 'rule'>[];

const SHARED_COMPONENTS = new Set(['ui', 'shell', 'live', 'charts']);
const PURE_PATH =
  /^lib\/|^server\/(model|celery)\/|^server\/(.+\/)?(rules\/.+|(reduce|guards|ledger|report|forecast)\.ts)$/;
const ENTRY_POINT = /^server\/cli\/|\.worker\.ts$/;

/** Every scan by the name of its rule. */
export const SCANS: Readonly<Record<string, Scan>> = {
  'file and folder names are kebab-case': namesAreKebabCase,
  'no import leaves its folder upwards': (files) =>
    scanImports(files, (_, { specifier }) => specifier.split('/').includes('..')),
  'imports carry their file extension': (files) =>
    scanImports(files, (_, { specifier }) => /^(#|\.\/)/.test(specifier) && !/\.[a-z]+$/.test(specifier)),
  'sources never import each other': (files) => scanImports(files, importsOtherSource),
  'a page never imports another page': (files) => scanImports(files, importsOtherPage),
  'what a pure file reaches is pure': reachIsPure,
  'pure files take the time as an argument': (files) =>
    scanLines(files.filter(isPure), /\bnew Date(?:\(\s*\)|(?![\w(]))|(?<![\w.]|new )Date\(/),
  'no work at import time': importTimeWork,
  'sources only observe': (files) =>
    scanLines(
      // Findings advise people what to type; they are pure, so they cannot do it themselves.
      files.filter(
        (file) => file.path.startsWith('server/sources/') && !file.path.includes('/rules/') && isProduct(file),
      ),
      OUTSIDE_WRITE,
    ),
  'every write goes through the gate': writesWithoutGate,
  'nothing unfinished or switched off': (files) => scanLines(files, UNFINISHED),
  'the lock file names no registry': (files) =>
    scanLines(
      files.filter(({ path }) => path === 'package-lock.json'),
      /"resolved": "(?:https?|git)/,
    ),
};

// Put together, so that this file does not contain what it forbids.
const UNFINISHED = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b|@ts-no${''}check|\\b(?:describe|it|test)(?:\\.\\w+)*\\.(?:on${''}ly|sk${''}ip|fix${''}me)\\b`,
);

const OUTSIDE_WRITE = new RegExp(
  [
    String.raw`\bmethod:\s*['"\x60](?:POST|PUT|PATCH|DELETE)\b`,
    String.raw`\.(?:publish|sendToQueue|purgeQueue|deleteQueue|deleteExchange)\(`,
    String.raw`['"\x60]SENTINEL['"\x60],\s*['"\x60](?:FAILOVER|SET|RESET|REMOVE|MONITOR)\b`,
    String.raw`\.call\(\s*['"\x60](?:SET|DEL|CONFIG|REPLICAOF|SLAVEOF|CLIENT|SHUTDOWN|DEBUG|FAILOVER)\b`,
    String.raw`['"\x60](?:set|add|del|disable|enable|shutdown) (?:server|sessions?|weight|maxconn|health|agent|backend|frontend)\b`,
    String.raw`\.kv\.(?:set|del)\(|\.session\.(?:create|destroy)\(`,
  ].join('|'),
  'i',
);

/** Runs every scan. */
export function scanTree(files: readonly SourceFile[]): Violation[] {
  return Object.entries(SCANS).flatMap(([rule, scan]) => scan(files).map((found) => ({ rule, ...found })));
}

/** Writes a violation as one line that an editor can open. */
export function describeViolation({ rule, path, line, text }: Violation): string {
  return `${path}:${line} ${rule}: ${text}`;
}

function isPure(file: SourceFile): boolean {
  return PURE_PATH.test(file.path) && isProduct(file);
}

function isProduct(file: SourceFile): boolean {
  return isCode(file) && !isTest(file.path) && !/(^|-)contract\.ts$/.test(nameOf(file.path));
}

function scanLines(files: readonly SourceFile[], pattern: RegExp): Omit<Violation, 'rule'>[] {
  return files.flatMap(({ path, text }) =>
    pattern.test(text)
      ? text
          .split('\n')
          .flatMap((line, index) => (pattern.test(line) ? [{ path, line: index + 1, text: line.trim() }] : []))
      : [],
  );
}

function scanImports(
  files: readonly SourceFile[],
  isForbidden: (file: SourceFile, module: ImportedModule) => boolean,
): Omit<Violation, 'rule'>[] {
  return files.filter(isCode).flatMap((file) =>
    importsOf(file)
      .filter((module) => isForbidden(file, module))
      .map(({ line, specifier }) => ({ path: file.path, line, text: specifier })),
  );
}

function importsOtherSource(file: SourceFile, { specifier }: ImportedModule): boolean {
  const own = /^server\/sources\/([^/]+)\//.exec(file.path)?.[1];
  const other = /^server\/sources\/([^/]+)\//.exec(resolveImport(file.path, specifier) ?? '')?.[1];
  return own !== undefined && other !== undefined && own !== other;
}

function importsOtherPage(file: SourceFile, { specifier }: ImportedModule): boolean {
  const own = /^components\/([^/]+)\//.exec(file.path)?.[1];
  const other = /^components\/([^/]+)\//.exec(resolveImport(file.path, specifier) ?? '')?.[1];
  return own !== undefined && other !== undefined && own !== other && !SHARED_COMPONENTS.has(other);
}

const WRITE_HANDLER =
  /^export\s+(?:async\s+)?(?:function\s+|const\s+|let\s+|\{[^}]*\b(?:as\s+)?)(POST|PUT|PATCH|DELETE)\b/gm;
const GATE_IMPORT = /\bimport\s*\{[^}]*\bgated\b[^}]*\}\s*from '#server\/http\/gate\.ts'/;
const GATE_CALL = /\bgated\(\s*request\b/;
/** By the path of a route, the one other door that its writes may take, and why. */
const OTHER_DOORS: readonly { route: RegExp; door: RegExp }[] = [
  // A question that is too long for an address: it changes nothing, and is not audited.
  { route: /^app\/api\/v1\/tasks\/bulk\/preview\/route\.ts$/, door: /\breadJson\(/ },
  // A dry run: it changes nothing either.
  { route: /^app\/api\/v1\/drills\/\[id\]\/plan\/route\.ts$/, door: /\breadJson\(/ },
  // Flower's dialect knows neither JSON nor a reason: its own door (server/flower/write.ts) stands on the same steps.
  { route: /^app\/flower\//, door: /\bflowerResponse\(request\)/ },
];

/** A handler that can write must hand its request to the gate, by name, in its own body. */
function writesWithoutGate(files: readonly SourceFile[]): Omit<Violation, 'rule'>[] {
  const routes = files.filter(({ path }) => /^app\/(?:.+\/)?route\.tsx?$/.test(path));
  return routes.flatMap(({ path, text }) => {
    const other = OTHER_DOORS.find(({ route }) => route.test(path))?.door;
    const door = other ?? (GATE_IMPORT.test(text) ? GATE_CALL : /(?!)/);
    return [...text.matchAll(WRITE_HANDLER)]
      .filter(({ index }) => !door.test(bodyAt(text, index)))
      .map((match) => ({ path, line: lineAt(text, match.index), text: match[0] }));
  });
}

/** From an exported handler to the next statement at the left edge that begins another. */
function bodyAt(text: string, index: number): string {
  const rest = text.slice(index + 1);
  const next = rest.search(/^(?:export|function|async function|const|let|\/\*\*)/m);
  return next === -1 ? rest : rest.slice(0, next);
}

function namesAreKebabCase(files: readonly SourceFile[]): Omit<Violation, 'rule'>[] {
  const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
  const route = /^(?:\[{1,2}(?:\.\.\.)?[a-zA-Z]+\]{1,2}|\([a-z-]+\)|@[a-z-]+|_[a-z-]+)$/;
  const python = /^[a-z0-9_]+(?:\.py)?$/;
  const document = /^(?:[A-Z]+(?:-[A-Z]+)*(?:\.md)?|Dockerfile)$/;
  return files.flatMap(({ path }) => {
    const holdsPython = path.endsWith('.py');
    const bad = path
      .split('/')
      .find(
        (name) => !(kebab.test(name) || route.test(name) || document.test(name) || (holdsPython && python.test(name))),
      );
    return bad === undefined ? [] : [{ path, line: 1, text: bad }];
  });
}

/** Follows value imports from every pure file; a platform module or a package other than zod on the way is a violation. */
function reachIsPure(files: readonly SourceFile[]): Omit<Violation, 'rule'>[] {
  const byPath = new Map(files.filter(isCode).map((file) => [file.path, file]));
  const impureChain = (path: string, seen: Set<string>): string[] | undefined => {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) return undefined;
    seen.add(path);
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (typeOnly) continue;
      const target = resolveImport(path, specifier);
      if (target === undefined) {
        if (!/^zod(\/|$)/.test(specifier) && !specifier.startsWith('.')) return [specifier];
        continue;
      }
      const chain = impureChain(target, seen);
      if (chain !== undefined) return [target, ...chain];
    }
    return undefined;
  };
  return files.filter(isPure).flatMap(({ path }) => {
    const chain = impureChain(path, new Set());
    return chain === undefined ? [] : [{ path, line: 1, text: chain.join(' → ') }];
  });
}

/** Biome's formatter leaves only top-level statements at column 0, so a line's start tells whether it runs at import. */
function importTimeWork(files: readonly SourceFile[]): Omit<Violation, 'rule'>[] {
  const modules = files.filter(
    (file) => /^(?:server|lib)\//.test(file.path) && isProduct(file) && !ENTRY_POINT.test(file.path),
  );
  const bareCall = /^(?:(?:await|void|new|for|while|try)\b|(?!(?:if|switch|function|import|export|super)\b)[\w$.]+\()/;
  const opens =
    /^(?:export\s+)?(?:const|let|var)\s[^=]*=\s*(?:await\b|new (?:\w+\.)?(?:Redis|Worker|Agent|Pool|DatabaseSync|EventSource|WebSocket|Server|Registry)\b|(?:\w+\.)*(?:connect|create(?:Server|Connection|Client)|listen|set(?:Interval|Timeout|Immediate)|(?:read|open|write|mkdir|exists|stat)\w*Sync|execFile\w*|spawn\w*|fetch|now|randomUUID|random)\()/;
  return modules.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        bareCall.test(line) || opens.test(line) ? [{ path, line: index + 1, text: line }] : [],
      ),
  );
}
