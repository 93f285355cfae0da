import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleTask } from './sample-task.ts';
import { type Graph, layOut, NODE, NODES_MAX, progressText } from './workflow-layout.ts';

const task = (id: string, parentId: string | null = null, groupId: string | null = null) =>
  sampleTask(id, { parentId, groupId, at: id.charCodeAt(0) });
const at = (graph: Graph, id: string) => {
  const node = graph.nodes.find((one) => one.task.id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
};

test('a chain goes from left to right in one line', () => {
  const graph = layOut([task('c', 'b'), task('a'), task('b', 'a')]);
  expect(graph.edges.map(({ from, to }) => from + to)).toEqual(['ab', 'bc']);
  expect(at(graph, 'a').x).toBeLessThan(at(graph, 'b').x);
  expect(at(graph, 'b').x).toBeLessThan(at(graph, 'c').x);
  expect(new Set(graph.nodes.map(({ y }) => y)).size).toBe(1);
  expect(graph.boxes).toEqual([]);
});

test('members of a group are in one box that tells how far they are; a parent stands in the middle of its children', () => {
  const failed = sampleTask('d', { parentId: 'a', groupId: 'g', state: 'FAILURE', at: 4 });
  const graph = layOut([task('a'), task('b', 'a', 'g'), task('c', 'a', 'g'), failed]);
  const [box] = graph.boxes;
  expect(graph.boxes).toHaveLength(1);
  expect(box).toMatchObject({ kind: 'group', progress: { total: 3, succeeded: 2, failed: 1 } });
  expect(progressText(box?.progress ?? { total: 0, succeeded: 0, failed: 0 })).toBe('2 of 3 done, 1 failed');
  const ys = ['b', 'c', 'd'].map((id) => at(graph, id).y);
  expect(at(graph, 'a').y).toBe((Math.min(...ys) + Math.max(...ys)) / 2);
});

test('tasks that one task started are boxed together where no group is told', () => {
  expect(layOut([task('a'), task('b', 'a'), task('c', 'a')]).boxes).toMatchObject([
    { kind: 'siblings', ids: ['b', 'c'] },
  ]);
});

test('a task that names itself as its parent, as a retry does, is drawn', () => {
  const graph = layOut([task('a', 'a')]);
  expect(graph.nodes).toHaveLength(1);
  expect(graph.edges).toEqual([]);
});

test('parents in a circle are drawn, each once', () => {
  const graph = layOut([task('a', 'b'), task('b', 'c'), task('c', 'a')]);
  expect(graph.nodes.map(({ task: { id } }) => id)).toEqual(['a', 'b', 'c']);
  expect(graph.edges).toHaveLength(2);
});

test('a task whose parent is not kept is drawn at the left', () => {
  const graph = layOut([task('a'), task('b', 'gone')]);
  expect(at(graph, 'b').x).toBe(at(graph, 'a').x);
});

test('too many tasks are cut at the newest, and counted', () => {
  const many = Array.from({ length: NODES_MAX + 5 }, (_, i) => sampleTask(`t${i}`, { at: i }));
  const graph = layOut(many);
  expect(graph.nodes).toHaveLength(NODES_MAX);
  expect(graph.left).toBe(5);
});

test('whatever the parents are, every task is drawn once, inside the picture, on nobody else, and in any order alike', () => {
  const id = fc.integer({ min: 0, max: 14 });
  const tasks = fc.uniqueArray(
    fc.record({
      id,
      parent: fc.option(id),
      group: fc.option(fc.constantFrom('g', 'h')),
      at: fc.integer({ min: 0, max: 5 }),
    }),
    { selector: (one) => one.id, maxLength: 15 },
  );
  fc.assert(
    fc.property(tasks, (given) => {
      const all = given.map((one) =>
        sampleTask(`t${one.id}`, {
          ...{ parentId: one.parent === null ? null : `t${one.parent}`, groupId: one.group, at: one.at },
        }),
      );
      const graph = layOut(all);
      expect(graph.nodes).toHaveLength(all.length);
      for (const node of graph.nodes) {
        expect(node.x + NODE.width).toBeLessThanOrEqual(graph.width);
        expect(node.y + NODE.height).toBeLessThanOrEqual(graph.height);
        const same = graph.nodes.filter((one) => one !== node && one.x === node.x);
        for (const other of same) expect(Math.abs(other.y - node.y)).toBeGreaterThanOrEqual(NODE.height);
      }
      for (const box of graph.boxes) {
        const inside = graph.nodes.filter(
          ({ x, y }) => x > box.x && x < box.x + box.width && y + NODE.height > box.y && y < box.y + box.height,
        );
        expect(inside.map((node) => node.task.id).sort()).toEqual([...box.ids].sort());
      }
      expect(layOut(all.toReversed())).toEqual(graph);
    }),
    { seed: 11, numRuns: 300 },
  );
});
