'use client';
/** Saves every task under the filter as a file, with progress, and a way to stop. */
import { Download, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { AskError } from '#components/ui/ask.ts';
import { EXPORT_FORMATS, EXPORT_HEADERS, type ExportFormat } from '#lib/contract/task-requests.ts';
import { formatTotal } from '#lib/format/task.ts';
import { routes } from '#lib/routes.ts';
import { useServerClock } from './asking-again.ts';
import { filterSearch, type TaskView } from './filter.ts';

/** `rows` so far of `total`; `isCut` = there are more than one export carries. */
type Progress = { rows: number; total: number; isExact: boolean; isCut: boolean };
type State = { kind: 'idle' } | { kind: 'running'; progress: Progress | null } | { kind: 'over'; text: string };

const BUTTON =
  'inline-flex h-7 items-center gap-1 rounded-sm border border-line px-1.5 text-[12px] text-text-2 hover:bg-raised';

export function ExportTasks({ view }: { view: TaskView }) {
  const clock = useServerClock();
  const [state, setState] = useState<State>({ kind: 'idle' });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (format: ExportFormat) => {
    const abort = new AbortController();
    running.current = abort;
    setState({ kind: 'running', progress: null });
    const search = filterSearch(view, clock());
    search.set('format', format);
    search.set('sort', view.sort);
    try {
      const onProgress = (progress: Progress) => setState({ kind: 'running', progress });
      const { file, progress } = await download(`${routes.api.taskExport}?${search}`, abort.signal, onProgress);
      save(`tasks.${format}`, file);
      setState({ kind: 'over', text: progress.isCut ? `saved the first ${formatTotal(progress.rows)} only` : 'saved' });
    } catch (error) {
      if (abort.signal.aborted) setState({ kind: 'idle' });
      else setState({ kind: 'over', text: `not exported: ${(error as Error).message}` });
    }
  };
  if (state.kind === 'running')
    return (
      <span className="inline-flex items-center gap-2 text-[12px] text-text-2">
        <ExportProgress progress={state.progress} />
        <button type="button" className={BUTTON} onClick={() => running.current?.abort()}>
          <X aria-hidden size={11} /> Cancel
        </button>
      </span>
    );
  return (
    <span className="inline-flex items-center gap-1">
      <span role="status" className="text-[12px] text-text-2">
        {state.kind === 'over' ? state.text : ''}
      </span>
      {EXPORT_FORMATS.map((format) => (
        <button key={format} type="button" className={BUTTON} onClick={() => void start(format)}>
          <Download aria-hidden size={11} /> {format.toUpperCase()}
        </button>
      ))}
    </span>
  );
}

function ExportProgress({ progress }: { progress: Progress | null }) {
  if (progress === null) return <span>counting…</span>;
  const { rows, total, isExact } = progress;
  return (
    <span className="inline-flex items-center gap-1.5">
      <progress
        aria-label="Export"
        {...(isExact ? { value: Math.min(rows, total), max: Math.max(1, total) } : {})}
        className="h-1.5 w-20 accent-accent"
      />
      {formatTotal(rows)} of {formatTotal(total)}
      {isExact ? '' : '+'}
    </span>
  );
}

type Downloaded = { file: Blob; progress: Progress };

/** Pieces are put together from time to time: a browser keeps a large blob on disk, and an array in memory. */
const PIECES = 512;
const NEWLINE = 10;

async function download(
  url: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Downloaded> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null)
    throw new AskError(response.status, await response.json().catch(() => null));
  const { headers } = response;
  const [total, limit] = [Number(headers.get(EXPORT_HEADERS.total)), Number(headers.get(EXPORT_HEADERS.limit))];
  const isExact = headers.get(EXPORT_HEADERS.exact) === 'yes';
  const progressAt = (lines: number): Progress => {
    const most = isExact ? Math.min(total, limit) : limit;
    const rows = Math.max(0, Math.min(lines, most));
    const isCut = total > limit || (!isExact && rows === limit);
    return { rows, total: Math.max(rows, Math.min(total, limit)), isExact, isCut };
  };
  let pieces: BlobPart[] = [];
  // The line of columns, or the opening bracket, is no row.
  let lines = -1;
  let toldAt = 0;
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    pieces.push(read.value);
    if (pieces.length > PIECES) pieces = [new Blob(pieces)];
    lines += newlinesIn(read.value);
    if (performance.now() - toldAt < 200) continue;
    toldAt = performance.now();
    onProgress(progressAt(lines));
  }
  return { file: new Blob(pieces, { type: headers.get('content-type') ?? '' }), progress: progressAt(lines) };
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function save(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
