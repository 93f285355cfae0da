/** The rack on estates of other shapes, made from the lab's own model. */
import { expect, type Page } from 'playwright/test';
import type { Model } from '#lib/model/model.ts';
import { test } from './lab-test.ts';

type Estate = { model: Model; estate: unknown; now: number; samples: unknown };

async function show(page: Page, { model, estate, now, samples }: Estate): Promise<void> {
  const hello = { protocol: 1, instance: 'other', estate, now };
  const snapshot = { rev: 1, now, model, transitions: [], samples, throughput: [] };
  const body = `event: hello\ndata: ${JSON.stringify(hello)}\n\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`;
  await page.route('**/api/v1/stream', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
  await page.goto('/');
  await expect(page.locator('article').first()).toBeVisible();
}

/** The lab's model with hosts of these names; every entity moves to the host that `place` gives it. */
function rehosted(model: Model, hosts: readonly string[], place: (layer: number, host: string) => string): Model {
  const layers = ['proxies', 'brokerNodes', 'redisNodes', 'sentinels', 'consulServers', 'beats', 'workers'] as const;
  const moved = layers.map((kind, layer) => {
    const entities = Object.entries(model[kind]).map(([id, entity]) => {
      const { host } = entity as { host: string };
      return [id, { ...entity, host: place(layer, host) }];
    });
    return [kind, Object.fromEntries(entities)];
  });
  const named = Object.fromEntries(hosts.map((id) => [id, { id, address: `10.0.0.${hosts.indexOf(id) + 1}` }]));
  return { ...model, ...Object.fromEntries(moved), hosts: named };
}

for (const width of [1440, 390]) {
  test(`one host, and nine with a layer on hosts of its own, at ${width} px`, async ({ lab, page, request }) => {
    expect((await lab.status()).whole).toBe(true);
    const estate: Estate = await (await request.get('/api/v1/estate')).json();
    await page.setViewportSize({ width, height: 900 });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

    await show(page, { ...estate, model: rehosted(estate.model, ['only'], () => 'only') });
    await expect(page.locator('article')).toHaveCount(20);
    expect(await fits()).toBe(true);

    const nine = Array.from({ length: 9 }, (_, i) => `node-${i + 1}`);
    const place = (layer: number, host: string) => `node-${((layer * 3 + Number(host.slice(-1)) - 1) % 9) + 1}`;
    await show(page, { ...estate, model: rehosted(estate.model, nine, place) });
    await expect(page.locator('article')).toHaveCount(20);
    if (width > 1000) await expect(page.getByRole('columnheader', { name: /^node-9/ })).toHaveCount(1);
    expect(await fits()).toBe(true);
  });
}
