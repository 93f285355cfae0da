import { expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { drillsSection } from './drill-commands.ts';
import { HOSTS, hostsOf, type Role, resolveTarget } from './layout.ts';
import { LAB_CODE_DIR, labPaths } from './paths.ts';

type Section = { executor: { command: Record<string, Record<string, string[]>> } };
const { executor } = drillsSection(labPaths('/srv/.lab'), '/usr/bin/node') as Section;
const all = Object.entries(executor.command).flatMap(([kind, verbs]) =>
  Object.entries(verbs).map(([verb, argv]) => [kind, verb, argv] as const),
);

it.each(all)('%s: %s is a command that the lab understands, for every host that carries the role', (_, verb, argv) => {
  const [node, cli, ...args] = argv;
  expect([node, cli]).toEqual(['/usr/bin/node', `${LAB_CODE_DIR}/cli.ts`]);
  const role = args[1]?.split('/')[1] as Role | undefined;
  for (const host of role === undefined ? HOSTS : hostsOf(role)) {
    const command = parseArguments(args.map((argument) => argument.replaceAll('{host}', host)));
    expect(command).toEqual({ verb, target: role === undefined ? host : `${host}/${role}`, dir: '/srv/.lab' });
    expect(resolveTarget((command as { target: string }).target).length).toBeGreaterThan(0);
  }
});

it('whatever can be killed can be started again, and whatever can be frozen can be let go', () => {
  for (const verbs of Object.values(executor.command)) {
    expect(Object.keys(verbs)).toEqual(['kill', 'start', 'pause', 'resume']);
  }
});
