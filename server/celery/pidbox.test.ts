import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePidboxReply, pidboxError, pidboxRequest } from './pidbox.ts';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const textOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

describe('remote control', () => {
  test('a request is what Celery sends', () => {
    const { body, headers } = pidboxRequest({
      ...{ method: 'query_task', arguments: { ids: ['a'] }, destination: ['w1@h1'] },
      ...{ ticket: 't', replyTo: 'trellis.reply', expiresAt: 5_500 },
    });
    expect(textOf(body)).toEqual({
      ...{ method: 'query_task', arguments: { ids: ['a'] }, destination: ['w1@h1'], pattern: null, matcher: null },
      ...{ ticket: 't', reply_to: { exchange: '', routing_key: 'trellis.reply' } },
    });
    expect(headers).toEqual({ clock: 0, expires: 5.5 });
  });

  test('one that wants no reply names nobody', () => {
    const request = { method: 'enable_events', arguments: {}, destination: null, ticket: null, replyTo: null };
    const { body, headers } = pidboxRequest({ ...request, expiresAt: null });
    expect(textOf(body)).toEqual({
      method: 'enable_events',
      arguments: {},
      destination: null,
      pattern: null,
      matcher: null,
    });
    expect(headers.expires).toBe(0);
  });

  test('every recorded reply is read, with its ticket', () => {
    const recorded = JSON.parse(fixture('celery-5.6.3-pidbox-replies.json')) as Record<
      string,
      { headers: object; body: object }[]
    >;
    const replies = Object.values(recorded).flat();
    expect(replies.length).toBeGreaterThan(20);
    for (const { headers, body } of replies) {
      const said = parsePidboxReply(JSON.stringify(body), headers as Record<string, unknown>);
      expect(said.ticket).toMatch(/^[0-9a-f-]{36}$/);
      expect(Object.keys(said.replies)).toEqual(Object.keys(body));
    }
  });

  test('no credential of a reply comes through, wherever it stands', () => {
    const conf = {
      ...{ broker_read_url: 'amqp://u:hidden1@h1//', result_backend: 'sentinel://:********@h1;sentinel://:hidden2@h2' },
      ...{ odd: 'amqp://u:hid@den3@h1/x', alternates: ['amqp://u:hidden4@h2'], 'redis://:hidden5@k/0': 1 },
      ...{ transport_options: { sentinel_kwargs: { password: 'hidden6' } }, text: "see 'amqps://a:hidden7@h'" },
    };
    const said = JSON.stringify(parsePidboxReply(JSON.stringify({ 'w1@h1': conf }), { ticket: 't' }));
    expect(said).not.toMatch(/hid|den/);
    expect(said).toContain('w1@h1');
    expect(said).toContain('amqp://***@h1//');
    expect(said).toContain('sentinel://***@h1;sentinel://***@h2');
  });

  test('numbers that no JSON knows, typed values, deep nests and bad names do no harm', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const text = `{"w": {"a": Infinity, "at": {"__type__": "datetime", "__value__": "2026"}, "d": ${deep}}, "__proto__": {"x": 1}}`;
    const { replies, ticket } = parsePidboxReply(text, {});
    expect(ticket).toBeNull();
    expect(Object.keys(replies)).toEqual(['w', '__proto__']);
    expect(replies.w).toMatchObject({ a: 'Infinity', at: '2026' });
    for (const body of ['[]', '5', 'null', 'x']) expect(() => parsePidboxReply(body, {})).toThrow(Error);
  });

  test('a refusal is told', () => {
    expect(pidboxError({ error: "KeyError('nosuch')" })).toBe("KeyError('nosuch')");
    expect([pidboxError({ ok: 'pong' }), pidboxError([]), pidboxError(null)]).toEqual([null, null, null]);
  });
});
