import { describe, expect, it } from 'vitest';
import { type Conflict, describeConflicts, listenersInTheWay, parseListeners } from './ports.ts';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, state: string, uid: number, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0 100 0 0 10 0\n`;

describe('listening sockets', () => {
  it('are read from the kernel’s table: address, port, owner', () => {
    expect(parseListeners(HEADER + row('0101007F:1628', '0A', 107, 4711))).toEqual([
      { address: '127.0.1.1', port: 5672, uid: 107, inode: '4711' },
    ]);
  });

  it('do not include connections', () => {
    expect(parseListeners(HEADER + row('0101007F:1628', '01', 0, 1))).toEqual([]);
  });

  it('on :: take the IPv4 addresses too, mapped ones take theirs, other IPv6 ones are not in the way', () => {
    const table =
      HEADER +
      row(`${'0'.repeat(32)}:18EB`, '0A', 0, 1) +
      row('0000000000000000FFFF00000101007F:18EB', '0A', 0, 2) +
      row('00000000000000000000000001000000:18EB', '0A', 0, 3);
    expect(parseListeners(table).map(({ address }) => address)).toEqual(['0.0.0.0', '127.0.1.1']);
  });

  it('are in the way on the same port and either the same address or all addresses', () => {
    const at = (address: string, port: number) => ({ address, port, uid: 0, inode: '1' });
    const taken = (listener: ReturnType<typeof at>) => [...listenersInTheWay([listener], ['127.0.1.1:5672']).keys()];
    expect(taken(at('127.0.1.1', 5672))).toEqual(['127.0.1.1:5672']);
    expect(taken(at('0.0.0.0', 5672))).toEqual(['127.0.1.1:5672']);
    expect(taken(at('127.0.0.1', 5672))).toEqual([]);
    expect(taken(at('127.0.1.1', 5673))).toEqual([]);
  });
});

describe('the message about taken ports', () => {
  const conflict = (holder: Conflict['holder']): Conflict => ({
    member: 'host-1/rabbitmq',
    endpoint: '127.0.1.1:5672',
    uid: 107,
    holder,
  });

  it('names address, port, and the process that holds it', () => {
    expect(describeConflicts([conflict({ pid: 42, command: 'nc -l 5672' })])).toContain(
      '127.0.1.1:5672, needed by host-1/rabbitmq, is held by pid 42 (nc -l 5672)',
    );
  });

  it('says whose process it is where it cannot be seen', () => {
    expect(describeConflicts([conflict(undefined)])).toContain('a process of user id 107 that this user cannot see');
  });

  it('names the other lab’s directory and how to end it', () => {
    const text = describeConflicts([conflict({ pid: 42, command: 'beam.smp', lab: '/srv/other/.lab' })]);
    expect(text).toContain('Another lab runs on this machine, in /srv/other/.lab');
    expect(text).toContain('npm run lab -- down --dir /srv/other/.lab');
  });
});
