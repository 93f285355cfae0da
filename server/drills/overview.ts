/** What high availability costs while all is well: measured beside Trellis, and left in its `dataDir` for it to show. */
import { readFile } from 'node:fs/promises';
import { type OverviewAnswer, overviewAnswerSchema } from '#lib/contract/drills.ts';
import { drillError } from './drill-error.ts';

/** Its name in `dataDir`; `npm run bench -- overview` replaces it as a whole. */
export const OVERVIEW_FILE = 'overview.json';

/** The figures in the file, as they are now; null = nobody has measured. @throws Error with code OVERVIEW_UNREADABLE */
export async function readOverview(path: string): Promise<OverviewAnswer> {
  const text = await textOf(path);
  if (text === null) return null;
  try {
    return overviewAnswerSchema.parse(JSON.parse(text));
  } catch {
    throw drillError('OVERVIEW_UNREADABLE', `${path} has no figures that Trellis knows. Measure again.`);
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(/* turbopackIgnore: true */ path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw drillError('OVERVIEW_UNREADABLE', message);
  }
}
