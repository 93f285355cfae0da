import { expect, test } from 'vitest';
import { fixFor, questionOf } from './reading.ts';

const file = { source: 'haproxy', name: 'config' } as const;
const page = { source: 'haproxy', name: 'stats' } as const;

test('a proxy’s file that is missing or is something else has a fix that fits a file, and no talk of URLs and ports', () => {
  for (const code of ['not-found', 'protocol'] as const) {
    expect(fixFor(file, code)).toContain('check config: of the proxy in trellis.yaml');
    expect(fixFor(page, code)).toContain('URL');
  }
});

test('a file that may not be read says what that takes', () => {
  expect(fixFor(file, 'forbidden')).toContain('permission to read the file');
});

test('the newer questions have their words, and one without an entry has its name', () => {
  expect(questionOf({ source: 'rabbitmq', name: 'config' }).needs).toContain('administrator');
  expect(questionOf(file).asks).toBe('its configuration file');
  expect(questionOf({ source: 'rabbitmq', name: 'unheard' }).asks).toBe('unheard');
});
