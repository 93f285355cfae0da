import { expect, it } from 'vitest';
import { EventParser } from './event-parser.ts';

const TEXT = 'retry: 1000\nevent: hello\ndata: {"now":1}\n\nid: a-1\nevent: patch\ndata: {"rev":1}\n\n';

it('events come out whole, wherever the chunks are cut', () => {
  for (let size = 1; size <= TEXT.length; size += 1) {
    const events: string[] = [];
    const parser = new EventParser((name, data) => events.push(`${name} ${data}`));
    for (let at = 0; at < TEXT.length; at += size) parser.push(TEXT.slice(at, at + size));
    expect(events).toEqual(['hello {"now":1}', 'patch {"rev":1}']);
  }
});
