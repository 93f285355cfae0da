import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeTask, taskOf } from '#server/ingest/merge.ts';
import { parseResult, resultChange } from './results.ts';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const AT = Date.UTC(2026, 10, 21, 19, 8, 56, 112);

describe('results', () => {
  const success = { status: 'SUCCESS', result: { a: 'x' }, date_done: '2026-11-21T19:08:56.112224+00:00' };

  test('every recorded result is read', () => {
    const rows = fixture('celery-5.6.3-redis-results.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const read = rows.map(({ value }) => parseResult(JSON.stringify(value)));
    expect(read[0]).toMatchObject({
      ...{ status: 'SUCCESS', result: '2', doneAt: AT, name: 'ptasks.add', args: '(1, 1)', kwargs: '{}' },
      ...{ worker: 'w1@h1', retries: 0, queue: 'celery', exception: null, children: [] },
    });
    expect(read[3]?.children).toEqual(['03083876-1081-406e-a277-7cd3deb9b9b0']);
  });

  test('a failure prints its exception as events do', () => {
    const failure = (result: unknown) =>
      parseResult(JSON.stringify({ ...success, status: 'FAILURE', result })).exception;
    expect(failure({ exc_type: 'ValueError', exc_message: ['x'], exc_module: 'builtins' })).toBe("ValueError('x')");
    expect(failure({ exc_type: 'KeyError', exc_message: ['a', 1] })).toBe("KeyError('a', 1)");
    expect(failure({ exc_type: 'Timeout', exc_message: 'x' })).toBe("Timeout('x')");
    expect(failure({ exc_type: 'Empty' })).toBe('Empty()');
    expect(failure({ nothing: 1 })).toBeNull();
    expect(failure("ValueError('x')")).toBe("ValueError('x')");
  });

  test('a time without an offset is UTC, as older Celery stores it', () => {
    expect(parseResult(JSON.stringify({ ...success, date_done: '2026-11-21T19:08:56.112224' })).doneAt).toBe(AT);
  });

  test('a result ends a task whose end was not seen, and names who ran it', () => {
    const meta = parseResult(JSON.stringify({ ...success, name: 't', worker: 'w1@h1', queue: 'q' }));
    expect(taskOf(mergeTask(null, [resultChange('u', meta)]))).toMatchObject({
      ...{ id: 'u', state: 'SUCCESS', result: "{'a': 'x'}", worker: 'w1@h1', queue: 'q', name: 't' },
      ...{ finishedAt: AT, endedBy: 'result store' },
    });
  });

  test('a result of a canary says that it is one, unless it names another task', () => {
    const canary = (id: string, more = {}) =>
      taskOf(mergeTask(null, [resultChange(id, parseResult(JSON.stringify({ ...success, ...more })))])).canary;
    expect([canary('trellis-1'), canary('trellis-1', { name: 'celery.accumulate' })]).toEqual([true, true]);
    expect([canary('trellis-1', { name: 't.add' }), canary('other-1')]).toEqual([false, false]);
  });

  test('one that has not ended counts from when it was read', () => {
    const meta = parseResult(JSON.stringify({ status: 'STARTED', result: { pid: 1 }, date_done: null }));
    expect(resultChange('u', meta, 5).event).toMatchObject({ at: 5, note: 'STARTED' });
    expect(meta.result).toBeNull();
    expect(() => resultChange('u', meta)).toThrow(TypeError);
  });

  test('garbage is an error, whatever it is', () => {
    for (const text of ['', '5', '[]', '{}', '{"status": 5}']) expect(() => parseResult(text)).toThrow(Error);
    const value = fc.jsonValue();
    const key = fc.constantFrom('result', 'traceback', 'children', 'date_done', 'args', 'kwargs', 'retries', 'name');
    fc.assert(
      fc.property(fc.constantFrom('SUCCESS', 'FAILURE', 'X'), fc.dictionary(key, value), (status, spoil) => {
        const meta = parseResult(JSON.stringify({ ...success, status, ...spoil }));
        expect(meta.status).toBe(status);
      }),
      { seed: 9, numRuns: 500 },
    );
  });
});
