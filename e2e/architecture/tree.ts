/** Reading a source tree: its files, and what each one imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the tree: its path from the root with forward slashes, and its text. */
export type SourceFile = { path: string; text: string };

/** One import statement or call: what it names, where, and whether it is erased before the code runs. */
export type ImportedModule = { specifier: string; line: number; typeOnly: boolean };

const NOT_OURS = new Set(['node_modules', '.git', '.next', '.lab', '.data', 'test-results', 'playwright-report']);
/** Recordings of real servers: their names and contents are not ours to style. */
const RECORDED = new Set(['fixtures', 'scenarios']);
const TEXT = /\.(ts|tsx|js|cjs|mjs|json|md|css|py|yaml|yml|sh|cfg|html|svg)$|^[^.]+$|^\.[a-z]+$/;
const CODE = /\.(ts|tsx|js|cjs|mjs)$/;

/** Lists the paths of the project's own files under `root`, without recordings. */
export function listPaths(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) || RECORDED.has(entry.name) ? [] : listPaths(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Reads the project's own text files. */
export function readTree(root: string): SourceFile[] {
  return listPaths(root)
    .filter((path) => TEXT.test(nameOf(path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Whether the file is JavaScript or TypeScript. */
export function isCode(file: SourceFile): boolean {
  return CODE.test(file.path);
}

/** Whether the file holds tests. */
export function isTest(path: string): boolean {
  return /\.(test|spec)\.tsx?$/.test(path);
}

/** The last segment of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const IMPORT =
  /^[ \t]*import\s*(?<bare>['"])(?<effect>[^'"\n]+)\k<bare>|^[ \t]*(?:import|export)\b(?<clause>[^'"`;()=]*?)\bfrom\s*(?<quote>['"])(?<from>[^'"\n]+)\k<quote>|\b(?:import|require)\(\s*(?<called>['"`])(?<target>[^'"`\n]+)\k<called>/gm;

/** Finds every import, re-export, `import()` and `require()` of a file. */
export function importsOf(file: SourceFile): ImportedModule[] {
  return [...file.text.matchAll(IMPORT)].map((match) => ({
    specifier: match.groups?.effect ?? match.groups?.from ?? match.groups?.target ?? '',
    line: lineAt(file.text, match.index),
    typeOnly: /^\s*type\b/.test(match.groups?.clause ?? ''),
  }));
}

/** Turns an index into a text into its line, from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The path that a `#…` or `./…` import names, from the root; undefined for packages. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (!specifier.startsWith('./')) return undefined;
  const folder = from.slice(0, from.lastIndexOf('/') + 1);
  return folder + specifier.slice(2);
}
