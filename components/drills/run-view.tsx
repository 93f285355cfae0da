'use client';
/** One run: live while it goes on, and its report afterwards; everybody who opens the address sees the same. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Answers } from '#components/ui/answers.tsx';
import { AskError } from '#components/ui/ask.ts';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import type { RunAnswer } from '#lib/contract/drills.ts';
import { isUnderWay } from '#lib/format/drill.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { drillOrRunOf, drillRoute, routes } from '#lib/routes.ts';
import { LostBanner } from './lost-banner.tsx';
import { RunCharts } from './run-charts.tsx';
import { RunHead } from './run-head.tsx';
import { RunReport } from './run-report.tsx';
import { useRun } from './use-drills.ts';
import { useFastNow } from './use-fast-now.ts';
import { VerdictPanel } from './verdict-panel.tsx';

export function RunView() {
  return (
    <Answers>
      <RunPage />
    </Answers>
  );
}

function RunPage() {
  const id = drillOrRunOf(usePathname()) ?? '';
  const { query, run, answer } = useRun(id);
  return (
    <LivePage title={run === null ? 'Run' : run.drill} about={<WhereTo run={run} />}>
      {(model) => {
        if (run !== null) return <RunBody run={run} answer={answer} model={model} />;
        if (query.error === null) return <p className="text-text-3">Asking for the run…</p>;
        return <NotThere id={id} error={query.error} />;
      }}
    </LivePage>
  );
}

function WhereTo({ run }: { run: Run | null }) {
  const look = 'text-accent hover:underline';
  return (
    <>
      <Link href={{ pathname: routes.drills }} className={look}>
        all drills
      </Link>
      {run !== null && !isUnderWay(run) && (
        <>
          {' · '}
          <Link href={drillRoute(run.drill)} className={look}>
            run it again
          </Link>
        </>
      )}
    </>
  );
}

function NotThere({ id, error }: { id: string; error: Error }) {
  const isUnknown = error instanceof AskError && error.status === 404;
  return (
    <div data-not-found>
      <Empty>
        {isUnknown ? (
          <>
            Trellis knows no run <span className="font-mono">{id}</span>. All runs are on the Drills page.
          </>
        ) : (
          `The run cannot be read: ${error.message}`
        )}
      </Empty>
    </div>
  );
}

type RunBodyProps = { run: Run; answer: RunAnswer | null; model: Model };

/** While it goes on the picture comes first; once it ended, the verdict. */
function RunBody({ run, answer, model }: RunBodyProps) {
  const isLive = isUnderWay(run);
  const clock = useFastNow(isLive);
  // Nobody looked after the end.
  const now = run.endedAt ?? clock;
  const verdict = answer !== null && (
    <VerdictPanel
      {...{ run, now, hypothesis: answer.hypothesis }}
      sentences={isUnderWay(answer.run) ? [] : answer.sentences}
      ownTasks={answer.ownTasks}
    />
  );
  return (
    // What sticks to the top does so within its parent: a grid would give it a cell of its own height.
    <div className="flex min-w-0 flex-col gap-3">
      <RunHead run={run} targetName={answer?.targetName ?? run.target} now={now} />
      {run.state === 'lost' && <LostBanner run={run} />}
      <Panels>
        {!isLive && verdict}
        <RunCharts run={run} hypothesis={answer?.hypothesis ?? null} now={now} />
        {isLive && verdict}
        {answer !== null && <RunReport run={run} answer={answer} model={model} now={now} />}
      </Panels>
    </div>
  );
}
