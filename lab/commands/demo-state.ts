/** The note that a running demo leaves on the disk, so that another terminal finds it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessIdentity } from '#lab/leftovers.ts';
import { isAlive, ownIdentity } from './workspace.ts';

/** A demo that was started; its process may have ended without taking the note away. */
export type DemoNote = ProcessIdentity & { readonly url: string };

/** Where the note of the demo in `root` lies. */
export function demoNoteFile(root: string): string {
  return join(root, '.lab', 'demo.json');
}

/** The note and whether its demo lives; `undefined` where there is none. */
export function readDemoNote(root: string): (DemoNote & { readonly isAlive: boolean }) | undefined {
  try {
    const note = JSON.parse(readFileSync(demoNoteFile(root), 'utf8')) as DemoNote;
    return { ...note, isAlive: isAlive(note) };
  } catch {
    return undefined;
  }
}

/** Takes the one place of a demo in `root`; false when another demo was quicker. */
export function takeDemoNote(root: string, url: string): boolean {
  const file = demoNoteFile(root);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${JSON.stringify({ ...ownIdentity(), url })}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the note away. */
export function dropDemoNote(root: string): void {
  rmSync(demoNoteFile(root), { force: true });
}
