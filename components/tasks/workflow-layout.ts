/**
 * A workflow as a drawing: a tree from left to right by who started whom, the members of a group in a box. What events
 * say of parents may be incomplete or go in circles (a retry names itself): every task is drawn once all the same. Pure.
 */
import { isEnded, type Task } from '#lib/model/task.ts';

export const NODE = { width: 176, height: 38 } as const;
const GAP = { x: 56, y: 14 } as const;
const MARGIN = 16;
/** How far a box reaches beyond its nodes; its words stand above them. */
const BOX = { pad: 6, title: 16 } as const;

/** More tasks than these are only counted. */
export const NODES_MAX = 200;

/** `x`, `y`: the left upper corner. */
export type GraphNode = { task: Task; x: number; y: number };
/** From parent to child; `path` is an SVG path. */
export type GraphEdge = { from: string; to: string; path: string };
/** Tasks that belong together: `group` by Celery's group id, `siblings` = started by the same task. */
export type GraphBox = {
  kind: 'group' | 'siblings';
  ids: readonly string[];
  progress: Progress;
  x: number;
  y: number;
  width: number;
  height: number;
};
/** How far some tasks are; `failed` counts every end but success. */
export type Progress = { total: number; succeeded: number; failed: number };

export type Graph = {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  boxes: readonly GraphBox[];
  width: number;
  height: number;
  /** Tasks that are not drawn, because there are too many. */
  left: number;
};

type Tree = { task: Task; children: Tree[] };

/** The drawing of the tasks of one workflow, whatever their order. */
export function layOut(tasks: readonly Task[]): Graph {
  const ordered = [...tasks].sort(byPlace);
  const drawn = ordered.slice(0, NODES_MAX);
  const forest = forestOf(drawn);
  const places = new Map<string, GraphNode>();
  const boxes: GraphBox[] = [];
  let bottom = MARGIN;

  function place(siblings: readonly Tree[], depth: number): void {
    for (const set of setsOf(siblings)) {
      const isBoxed = set.length > 1;
      if (isBoxed) bottom += BOX.title;
      for (const tree of set) placeTree(tree, depth);
      if (isBoxed) {
        boxes.push(boxAround(set, places));
        bottom += BOX.pad;
      }
    }
  }

  function placeTree({ task, children }: Tree, depth: number): void {
    const x = MARGIN + depth * (NODE.width + GAP.x);
    const top = bottom;
    place(children, depth + 1);
    const ys = children.map((child) => places.get(child.task.id)?.y ?? top);
    const y = ys.length === 0 ? top : (Math.min(...ys) + Math.max(...ys)) / 2;
    places.set(task.id, { task, x, y });
    bottom = Math.max(bottom, y + NODE.height + GAP.y);
  }

  place(forest, 0);
  const nodes = [...places.values()].sort((a, b) => byPlace(a.task, b.task));
  return {
    nodes,
    edges: edgesOf(forest, places),
    boxes,
    width: Math.max(0, ...nodes.map(({ x }) => x)) + NODE.width + MARGIN,
    height: bottom - GAP.y + MARGIN,
    left: ordered.length - drawn.length,
  };
}

/** How far some tasks are. */
export function progressOf(tasks: readonly Task[]): Progress {
  const succeeded = tasks.filter(({ state }) => state === 'SUCCESS').length;
  const failed = tasks.filter(({ state }) => isEnded(state) && state !== 'SUCCESS').length;
  return { total: tasks.length, succeeded, failed };
}

/** `3 of 4 done`, with what ended badly. */
export function progressText({ total, succeeded, failed }: Progress): string {
  return `${succeeded} of ${total} done${failed > 0 ? `, ${failed} failed` : ''}`;
}

function byPlace(a: Task, b: Task): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Trees by parent. Whoever has none among these, or only itself in a circle, is a root. */
function forestOf(tasks: readonly Task[]): Tree[] {
  const trees = new Map(tasks.map((task): [string, Tree] => [task.id, { task, children: [] }]));
  const parents = new Map<string, string>();
  const roots: Tree[] = [];
  for (const tree of trees.values()) {
    const { id, parentId } = tree.task;
    const parent = parentId === null ? undefined : trees.get(parentId);
    if (parent === undefined || comesFrom(parent.task.id, id, parents)) roots.push(tree);
    else {
      parents.set(id, parent.task.id);
      parent.children.push(tree);
    }
  }
  return roots;
}

/** Whether a task is the other one, or below it. */
function comesFrom(id: string, ancestor: string, parents: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = id; at !== undefined; at = parents.get(at)) if (at === ancestor) return true;
  return false;
}

/** Siblings in the sets that are boxed: by group id, and those without one together where they have a parent. */
function setsOf(siblings: readonly Tree[]): Tree[][] {
  const sets = new Map<string, Tree[]>();
  for (const tree of siblings) {
    const { id, groupId, parentId } = tree.task;
    const isAlone = groupId === null && (parentId === null || parentId === id);
    const key = groupId !== null ? `group ${groupId}` : isAlone ? `alone ${id}` : `parent ${parentId}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [tree]);
    else set.push(tree);
  }
  return [...sets.values()];
}

function boxAround(set: readonly Tree[], places: ReadonlyMap<string, GraphNode>): GraphBox {
  const tasks = set.map(({ task }) => task);
  const nodes = tasks.flatMap(({ id }) => places.get(id) ?? []);
  const top = Math.min(...nodes.map(({ y }) => y)) - BOX.title;
  const bottom = Math.max(...nodes.map(({ y }) => y)) + NODE.height + BOX.pad;
  return {
    kind: tasks[0]?.groupId != null ? 'group' : 'siblings',
    ids: tasks.map(({ id }) => id),
    progress: progressOf(tasks),
    x: (nodes[0]?.x ?? 0) - BOX.pad,
    y: top,
    width: NODE.width + 2 * BOX.pad,
    height: bottom - top,
  };
}

function edgesOf(forest: readonly Tree[], places: ReadonlyMap<string, GraphNode>): GraphEdge[] {
  return forest.flatMap(({ task, children }) => [
    ...children.flatMap((child) => {
      const [from, to] = [places.get(task.id), places.get(child.task.id)];
      return from === undefined || to === undefined ? [] : [edgeBetween(from, to)];
    }),
    ...edgesOf(children, places),
  ]);
}

function edgeBetween(from: GraphNode, to: GraphNode): GraphEdge {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = (x1 + x2) / 2;
  return { from: from.task.id, to: to.task.id, path: `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}` };
}
