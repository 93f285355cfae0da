/** The findings as a whole: what is documented is what is there. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RULES } from './registry.ts';

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();

function tableOf(posture: boolean): string {
  const rows = RULES.filter((rule) => rule.posture === posture).map(
    ({ code, severity, means, mend }) =>
      `| <a id="${code}"></a>\`${code}\` | ${severity} | ${oneLine(means)} | ${oneLine(mend)} |`,
  );
  return ['| code | severity | what it means | what mends it |', '|---|---|---|---|', ...rows].join('\n');
}

test('every code is there once, and says what it means and what mends it', () => {
  const codes = RULES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, means, mend } of RULES) {
    expect(code).toMatch(/^[A-Z][A-Za-z0-9]+$/);
    expect(means.length, code).toBeGreaterThan(30);
    expect(mend.length, code).toBeGreaterThan(10);
  }
});

test('the table in the documentation is the one that the code gives', async () => {
  const text = `# Findings

Made from the rules by \`npx vitest run --project unit server/sources/registry.test.ts -u\`. A rule is one file in \`rules/\` of its source, or in
\`server/model/rules\` where it needs several systems. *critical*: tasks stop or data is lost now. *warning*: something broke, or
redundancy is gone. *info*: it will hurt later.

## What breaks

${tableOf(false)}

## Settings that will hurt

${tableOf(true)}
`;
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '..', 'FINDINGS.md'));
});
