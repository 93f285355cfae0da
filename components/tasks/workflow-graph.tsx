'use client';
/** The workflow as a drawing that scrolls and zooms; every task in it is a link. */
import { Minus, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type MouseEvent, useEffect, useRef, useState } from 'react';
import type { Href } from '#components/shell/href.ts';
import { ScrollRegion } from '#components/ui/scroll-region.tsx';
import { formatDuration, STATE_WORDS } from '#lib/format/task.ts';
import { taskRoute } from '#lib/routes.ts';
import { STATE_LOOK } from './task-state.tsx';
import { type Graph, type GraphBox, type GraphNode, NODE, progressText } from './workflow-layout.ts';

/** Steps of the zoom; 1 = as drawn. */
const ZOOMS = [0.35, 0.5, 0.7, 1, 1.4, 2] as const;
const PLAIN = ZOOMS.indexOf(1);
/** A drawing higher than this scrolls. */
const VIEW_PX = 420;
const NAME_CHARACTERS = 22;

export function WorkflowGraph({ graph, current }: { graph: Graph; current: string }) {
  const [step, setStep] = useState(PLAIN);
  const scroller = useRef<HTMLElement>(null);
  const zoom = ZOOMS[step] ?? 1;
  const { width, height } = graph;
  useEffect(() => {
    // The task of the page may be far to the right of its workflow.
    scroller.current
      ?.querySelector(`[data-node="${CSS.escape(current)}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  const button =
    'inline-flex size-6 items-center justify-center rounded-sm border border-line bg-panel text-text-2 disabled:opacity-40';
  return (
    <div className="relative min-w-0" data-workflow-nodes={graph.nodes.length}>
      <div className="absolute top-1 right-3 z-10 flex gap-1">
        <button
          type="button"
          aria-label="Smaller"
          disabled={step === 0}
          className={button}
          onClick={() => setStep(step - 1)}
        >
          <Minus aria-hidden size={11} />
        </button>
        <button
          type="button"
          aria-label="Larger"
          disabled={step === ZOOMS.length - 1}
          className={button}
          onClick={() => setStep(step + 1)}
        >
          <Plus aria-hidden size={11} />
        </button>
      </div>
      <ScrollRegion ref={scroller} label="workflow" style={{ maxHeight: VIEW_PX }}>
        <svg width={width * zoom} height={height * zoom} viewBox={`0 0 ${width} ${height}`} className="block">
          <title>{`Workflow of ${graph.nodes.length} tasks`}</title>
          {graph.boxes.map((box) => (
            <Box key={box.ids.join()} box={box} />
          ))}
          {graph.edges.map(({ from, to, path }) => (
            <path key={`${from} ${to}`} data-edge d={path} fill="none" stroke="var(--text-3)" strokeWidth={1.25} />
          ))}
          {graph.nodes.map((node) => (
            <Node key={node.task.id} node={node} isCurrent={node.task.id === current} />
          ))}
        </svg>
      </ScrollRegion>
    </div>
  );
}

function Box({ box: { kind, progress, x, y, width, height } }: { box: GraphBox }) {
  return (
    <g data-box={kind}>
      <rect
        {...{ x, y, width, height }}
        rx={6}
        fill="var(--raised)"
        fillOpacity={0.5}
        stroke="var(--line)"
        strokeDasharray={kind === 'group' ? undefined : '4 3'}
      />
      <text x={x + 6} y={y + 11} fontSize={10} fill="var(--text-2)">
        {kind === 'group' ? 'group' : 'started together'} · {progressText(progress)}
      </text>
    </g>
  );
}

function Node({ node: { task, x, y }, isCurrent }: { node: GraphNode; isCurrent: boolean }) {
  const router = useRouter();
  const { id, name, state, runtimeMs } = task;
  const { Shape, colour } = STATE_LOOK[state];
  const { pathname } = taskRoute(id);
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    router.push(pathname as Href);
  };
  const words = `${STATE_WORDS[state]}${runtimeMs === null ? '' : `, ${formatDuration(runtimeMs)}`}`;
  return (
    <a
      href={pathname}
      onClick={open}
      data-node={id}
      data-state={state}
      aria-current={isCurrent ? 'true' : undefined}
      aria-label={`${name ?? id}: ${words}`}
    >
      <title>{`${name ?? 'no name told'}\n${id}\n${words}`}</title>
      <rect
        {...{ x, y }}
        width={NODE.width}
        height={NODE.height}
        rx={4}
        fill="var(--panel)"
        stroke={isCurrent ? 'var(--accent)' : 'var(--line)'}
        strokeWidth={isCurrent ? 2 : 1}
      />
      <rect {...{ x, y }} width={3} height={NODE.height} rx={1.5} fill={colour} />
      <text x={x + 10} y={y + 15} fontSize={11} fill="var(--text)" className="font-mono">
        {shortName(name ?? id)}
      </text>
      <Shape aria-hidden x={x + 10} y={y + 21} size={11} stroke={colour} strokeWidth={2.5} />
      <text x={x + 25} y={y + 30} fontSize={10} fill={colour}>
        {words}
      </text>
    </a>
  );
}

/** Of a long name the end says most. */
function shortName(name: string): string {
  return name.length <= NAME_CHARACTERS ? name : `…${name.slice(1 - NAME_CHARACTERS)}`;
}
