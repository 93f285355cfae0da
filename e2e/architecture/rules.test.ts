import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PLANTED_CODE, PLANTED_IMPURITY, PLANTED_TESTS } from './planted-code.ts';
import { PLANTED_IMPORTS } from './planted-imports.ts';
import { PLANTED_SCANS, PLANTED_SUPPORT } from './planted-scans.ts';
import type { Planted, PlantedFile } from './planting.ts';
import { SCANS, scanTree } from './scans.ts';

const LINTED = [...PLANTED_IMPORTS, ...PLANTED_IMPURITY, ...PLANTED_TESTS, ...PLANTED_CODE];
const ROOT = join(import.meta.dirname, '..', '..');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

type Diagnostic = { category: string; message: string; severity: string; location: { path: string } };
type Config = { linter: { rules: RuleGroups }; overrides: { linter?: { rules?: RuleGroups } }[] };
type RuleGroups = Record<string, Record<string, unknown> | string>;

const temporary: string[] = [];
afterAll(() => {
  for (const dir of temporary) rmSync(dir, { recursive: true, force: true });
});

/** A planting that shares its path with another needs a tree of its own. */
function inTrees<T extends { file: PlantedFile }>(items: readonly T[]): T[][] {
  const trees: Map<string, T>[] = [];
  for (const item of items) {
    let tree = trees.find((each) => !each.has(item.file.path));
    if (tree === undefined) {
      tree = new Map();
      trees.push(tree);
    }
    tree.set(item.file.path, item);
  }
  return trees.map((tree) => [...tree.values()]);
}

function write(files: readonly PlantedFile[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'architecture-'));
  temporary.push(dir);
  for (const name of ['biome.json', 'package.json']) copyFileSync(join(ROOT, name), join(dir, name));
  for (const { path, text } of files) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

function lint(files: readonly PlantedFile[]): Map<string, Diagnostic[]> {
  const cwd = write([...PLANTED_SUPPORT, ...files]);
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const run = spawnSync(process.execPath, [BIOME, ...args], { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (!run.stdout.startsWith('{')) throw new Error(`biome said nothing: ${run.stderr}`);
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: Diagnostic[] };
  return Map.groupBy(diagnostics, ({ location }) => location.path);
}

type Item = { planted: Planted; file: PlantedFile; bad: boolean };

function itemsOf(plantings: readonly Planted[]): Item[] {
  return plantings.flatMap((planted) => [
    { planted, file: planted.bad, bad: true },
    { planted, file: planted.good, bad: false },
  ]);
}

describe('the linter', () => {
  const found = new Map<PlantedFile, Diagnostic[]>();
  for (const tree of inTrees(itemsOf(LINTED))) {
    const diagnostics = lint(tree.map(({ file }) => file));
    for (const { file } of tree) found.set(file, diagnostics.get(file.path) ?? []);
  }

  it.each(LINTED.map((planted) => [planted.promise, planted] as const))('%s', (_, { lint: rule, says, bad, good }) => {
    expect(found.get(bad)).toContainEqual(
      expect.objectContaining({ category: rule, severity: 'error', message: expect.stringContaining(says) }),
    );
    expect(found.get(good)?.filter(({ category }) => category === rule)).toEqual([]);
  });
});

describe('the scans', () => {
  it.each(PLANTED_SCANS.map((planted) => [`${planted.says}: ${planted.promise}`, planted] as const))(
    '%s',
    (_, { says, bad, good }) => {
      const violations = scanTree([...PLANTED_SUPPORT, bad, good]);
      expect(violations).toContainEqual(expect.objectContaining({ rule: says, path: bad.path }));
      expect(violations.filter(({ path }) => path === good.path)).toEqual([]);
    },
  );
});

describe('the plantings', () => {
  const config = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as Config;
  const groups = [config.linter, ...config.overrides.map(({ linter }) => linter)].map((linter) => linter?.rules ?? {});

  it('cover every message of an import rule', () => {
    const messages = groups.flatMap((rules) => importMessages(rules));
    const uncovered = messages.filter((message) => !LINTED.some(({ says }) => message.includes(says)));
    expect(messages.length).toBeGreaterThan(20);
    expect([...new Set(uncovered)]).toEqual([]);
  });

  it('cover every denied global', () => {
    const names = groups.flatMap((rules) =>
      Object.keys(optionsOf(rules, 'style', 'noRestrictedGlobals').deniedGlobals ?? {}),
    );
    const uncovered = names.filter((name) => !LINTED.some(({ says }) => says === `global variable ${name}`));
    expect([...new Set(uncovered)]).toEqual([]);
  });

  it('cover every scan', () => {
    expect([...new Set(PLANTED_SCANS.map(({ says }) => says))].sort()).toEqual(Object.keys(SCANS).sort());
  });
});

type Options = { patterns?: { message: string }[]; deniedGlobals?: Record<string, string> };

function optionsOf(rules: RuleGroups, group: string, name: string): Options {
  const rule = (rules[group] as Record<string, { options?: Options } | string> | undefined)?.[name];
  return typeof rule === 'object' ? (rule.options ?? {}) : {};
}

function importMessages(rules: RuleGroups): string[] {
  return (optionsOf(rules, 'style', 'noRestrictedImports').patterns ?? []).map(({ message }) => message);
}
