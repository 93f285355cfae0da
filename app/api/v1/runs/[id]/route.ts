import { type RunFormat, runQuerySchema } from '#lib/contract/drills.ts';
import { answerDrills } from '#server/commands/answer-drills.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { json, problem } from '#server/http/respond.ts';

const TYPES: Readonly<Record<RunFormat, string>> = { json: 'application/json', md: 'text/markdown; charset=utf-8' };

/** A run and its report; as a file where a format is given. */
export async function GET(request: Request): Promise<Response> {
  const query = runQuerySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return problem(400, 'INVALID_QUERY', query.error.issues.map(({ message }) => message).join('; '));
  const { format, with: beside } = query.data;
  const id = pathStep(request, 0) ?? '';
  return answerDrills(request, async ({ drills }) => {
    if (format === undefined) return json(await drills.run(id, beside));
    const answer = await drills.run(id, beside);
    const text = format === 'md' ? await drills.markdown(id, beside) : `${JSON.stringify(answer, null, 2)}\n`;
    const name = `${answer.run.drill}-${new Date(answer.run.startedAt).toISOString().slice(0, 19).replaceAll(':', '')}.${format}`;
    return new Response(text, {
      headers: {
        'content-type': TYPES[format],
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'no-store',
      },
    });
  });
}
