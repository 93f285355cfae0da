import { expect, test } from 'vitest';
import { createRotation } from './rotation.ts';

const members = ['a', 'b', 'c'].map((name) => ({ name }));
const AMPLE_MS = 10_000;

/** Members named in `hung` never answer; the others answer with their name. */
function asking(hung: ReadonlySet<string>, asked: string[]) {
  return (member: { name: string }, signal: AbortSignal) => {
    asked.push(member.name);
    if (!hung.has(member.name)) return Promise.resolve(member.name);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
}

test('a member that hangs costs its share of the time, then the next one answers, and is asked first from then on', async () => {
  const rotation = createRotation(members, 20);
  const asked: string[] = [];
  const ask = asking(new Set(['a']), asked);
  const signal = new AbortController().signal;
  expect(await rotation.askAny(signal, ask)).toEqual({ data: 'b', via: 'b' });
  expect(await rotation.askAny(signal, ask)).toEqual({ data: 'b', via: 'b' });
  expect(asked).toEqual(['a', 'b', 'b']);
});

test('when all the time runs out behind members that hang, the next question begins with the one after them', async () => {
  const rotation = createRotation(members, AMPLE_MS);
  const asked: string[] = [];
  const ask = asking(new Set(['a']), asked);
  const deadline = new AbortController();
  const first = rotation.askAny(deadline.signal, ask);
  deadline.abort(new DOMException('late', 'TimeoutError'));
  await expect(first).rejects.toThrow('late');
  expect(await rotation.askAny(new AbortController().signal, ask)).toEqual({ data: 'b', via: 'b' });
  expect(asked).toEqual(['a', 'b']);
});

test('when nobody answers, the question fails as the last member did', async () => {
  const rotation = createRotation(members, AMPLE_MS);
  const signal = new AbortController().signal;
  const ask = (member: { name: string }) => Promise.reject(new Error(member.name));
  await expect(rotation.askAny(signal, ask)).rejects.toThrow('c');
});

test('a member that is known to have the news is asked first', async () => {
  const rotation = createRotation(members, AMPLE_MS);
  const asked: string[] = [];
  rotation.prefer(2);
  await rotation.askAny(new AbortController().signal, asking(new Set(), asked));
  expect(asked).toEqual(['c']);
});
