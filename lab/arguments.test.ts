import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

describe('command line', () => {
  it('reads every command', () => {
    expect(parseArguments(['up'])).toEqual({ verb: 'up', dir: undefined, ratePerSecond: undefined });
    expect(parseArguments(['up', '--rate', '2.5', '--dir', '/x'])).toEqual({
      verb: 'up',
      dir: '/x',
      ratePerSecond: 2.5,
    });
    expect(parseArguments(['down'])).toEqual({ verb: 'down', dir: undefined });
    expect(parseArguments(['status', '--json'])).toEqual({ verb: 'status', dir: undefined, json: true });
    expect(parseArguments(['logs', 'host-1', '-f'])).toEqual({
      verb: 'logs',
      dir: undefined,
      target: 'host-1',
      follow: true,
    });
    expect(parseArguments(['kill', 'host-1/redis'])).toEqual({ verb: 'kill', dir: undefined, target: 'host-1/redis' });
  });

  it('shows help when nothing is asked', () => {
    expect(parseArguments([]).verb).toBe('help');
    expect(parseArguments(['up', '--help']).verb).toBe('help');
  });

  it.each([
    [['explode'], 'There is no command "explode"'],
    [['kill'], '"kill" needs a target'],
    [['kill', 'a', 'b'], '"kill" takes no "b"'],
    [['down', '--rate', '3'], '"down" has no option --rate'],
    [['up', '--rate', 'fast'], '--rate takes tasks per second'],
    [['up', '--rate', '0'], '--rate takes tasks per second'],
    [['up', '--speed', '3'], "Unknown option '--speed'"],
    [['up', '--dir'], "Option '--dir <value>' argument missing"],
  ])('refuses %j and says why', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
