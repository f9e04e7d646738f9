import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { startTestApp, type TestApp } from '../support/app.js';
import type { PlanItemInput, QuoteInput, SetResourcePriceInput } from '../support/graphql.generated.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
  await seedCatalog(app.app);
});
afterAll(() => app.close());

const QUOTE = gql(`query($input: QuoteInput!) { quote(input: $input) {
  planVersion { version plan { code } }
  recurring { total { cents amount currency } lines { kind amount { cents } } }
  firstInvoice { total { amount } lines { kind amount { cents } meta } }
  prorationFraction
  overage { total { amount } lines { kind billingKind quantity unit unitPriceCents amount { amount } } }
  unpriced { kind quantity }
  allInMonthly { cents amount currency }
} }`);
const codeOf = async (query: AnyDocument, variables: object, token?: string) => {
  const { body } = await app.raw(query, variables, token);
  return body.errors?.[0]?.extensions['code'];
};
const catalog = () =>
  app.sql(`select (select json_agg(p) from plans p) as plans, (select json_agg(v order by id) from plan_versions v) as versions,
    (select json_agg(i order by i) from plan_items i) as items, (select json_agg(a) from addons a) as addons,
    (select json_agg(r) from resource_prices r) as prices`);

describe('the seeded catalog', () => {
  it('has the plans of the product, and seeding it again changes nothing', async () => {
    const before = await catalog();
    await seedCatalog(app.app);
    expect(await catalog()).toEqual(before);
    const { plans, addons, resourcePrices } = await app.data(
      gql(`{ plans { code activeVersion { version status basePrice { amount currency } items { kind } subscriberCount } }
         addons { code price { amount } } resourcePrices(on: "2026-05-01") { kind unitPriceCents } }`),
    );
    expect(
      plans.map((plan) => [
        plan.code,
        present(plan.activeVersion).basePrice.amount,
        present(plan.activeVersion).items.length,
      ]),
    ).toEqual([
      ['pro', '120.00', 6],
      ['starter', '20.00', 5],
      ['studio', '50.00', 6],
    ]);
    const plan = present(
      (
        await app.data(
          gql(
            '{ plan(code: "studio") { activeVersion { items { kind includedQuantity overageUnit overagePriceCents hardCapQuantity } } } }',
          ),
        )
      ).plan,
    );
    const item = (kind: string, includedQuantity: string, overageUnit: string, overagePriceCents: string) => {
      return { kind, includedQuantity, overageUnit, overagePriceCents, hardCapQuantity: null };
    };
    expect(present(plan.activeVersion).items).toEqual([
      item('DROPLET_HOURS', '1488', 'hour', '1'),
      item('SPACES_GB_MONTH', '100', 'gb_month', '2'),
      item('SNAPSHOT_GB_MONTH', '100', 'gb_month', '9'),
      item('BANDWIDTH_GB', '2000', 'gb', '1.5'),
      item('DNS_ZONES', '10', 'zone', '40'),
      item('LLM_TOKENS', '1000000', '1k_tokens', '1'),
    ]);
    expect(addons.map((addon) => addon.code)).toEqual(['llm_1m', 'storage_250gb', 'storage_50gb']);
    expect(resourcePrices).toHaveLength(2);
  });
});

describe('a quote', () => {
  it('of Studio alone is 50.00 and has no overage', async () => {
    const { quote } = await app.data(QUOTE, { input: { planCode: 'studio' } }, app.tenant('acme'));
    expect(quote.allInMonthly).toEqual({ cents: 5000, amount: '50.00', currency: 'AUD' });
    expect(quote.overage).toEqual({ total: { amount: '0.00' }, lines: [] });
    expect(quote.planVersion).toEqual({ version: 1, plan: { code: 'studio' } });
  });

  it('of Studio with storage from 2026-05-20 is prorated by 12/31 and all in 63.50', async () => {
    const { quote } = await app.data(QUOTE, {
      input: {
        planCode: 'studio',
        addons: ['storage_50gb'],
        startsOn: '2026-05-20',
        projectedUsage: [
          { kind: 'DROPLET_HOURS', quantity: '1488' },
          { kind: 'LLM_TOKENS', quantity: '1500000' },
          { kind: 'SPACES_GB_MONTH', quantity: '200' },
        ],
      },
    });
    expect(quote.recurring.total).toEqual({ cents: 5750, amount: '57.50', currency: 'AUD' });
    expect(quote.prorationFraction).toBe('12/31');
    expect(quote.firstInvoice.lines.map((line) => line.amount.cents)).toEqual([1935, 290]);
    expect(quote.firstInvoice.total.amount).toBe('22.25');
    expect(quote.overage.lines.map((line) => [line.billingKind, line.amount.amount])).toEqual([
      ['SPACES_GB_MONTH', '1.00'],
      ['LLM_TOKENS', '5.00'],
    ]);
    expect(quote.unpriced).toEqual([]);
    expect(quote.allInMonthly).toEqual({ cents: 6350, amount: '63.50', currency: 'AUD' });
  });

  it('shows what nothing prices', async () => {
    const input: QuoteInput = { planCode: 'starter', projectedUsage: [{ kind: 'LLM_TOKENS', quantity: '1000' }] };
    const { quote } = await app.data(QUOTE, { input });
    expect(quote.unpriced).toEqual([{ kind: 'LLM_TOKENS', quantity: '1000' }]);
  });

  it.each([
    [{ planCode: 'nope' }, 'input.planCode'],
    [{ planCode: 'studio', addons: ['storage_50gb', 'nope'] }, 'input.addons.1'],
    [
      { planCode: 'studio', projectedUsage: [{ kind: 'DNS_ZONES', quantity: '-1' }] },
      'input.projectedUsage.0.quantity',
    ],
  ])('of %j names what is wrong', async (input, path) => {
    const { body } = await app.raw(QUOTE, { input });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });
});

const VERSION = gql(
  `mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id version status } } }`,
);
const PUBLISH = gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { status publishedAt } } }');

describe('plan versions', () => {
  const items: PlanItemInput[] = [
    { kind: 'DROPLET_HOURS', includedQuantity: '10', overageUnit: 'hour', overagePriceCents: '0.5' },
  ];

  it('begin as drafts, replace the active one when published, and never change after', async () => {
    await app.data(
      gql('mutation { createPlan(input: { code: "tiny", name: "Tiny" }) { plan { code activeVersion { id } } } }'),
    );
    const make = async (basePriceCents: number) =>
      (await app.data(VERSION, { input: { planCode: 'tiny', basePriceCents, items } })).createPlanVersion.planVersion;
    const first = await make(500);
    expect(first).toMatchObject({ version: 1, status: 'DRAFT' });
    expect(await codeOf(QUOTE, { input: { planCode: 'tiny' } })).toBe('BAD_USER_INPUT');
    const draftQuote = await app.data(QUOTE, { input: { planCode: 'tiny', planVersionId: first.id } });
    expect(draftQuote.quote.allInMonthly.amount).toBe('5.00');
    await app.data(PUBLISH, { id: first.id });
    const second = await make(700);
    await app.data(PUBLISH, { id: second.id });
    const { plan } = await app.data(
      gql('{ plan(code: "tiny") { activeVersion { version } versions { version status } } }'),
    );
    expect(plan).toEqual({
      activeVersion: { version: 2 },
      versions: [
        { version: 2, status: 'ACTIVE' },
        { version: 1, status: 'RETIRED' },
      ],
    });
    expect(await codeOf(PUBLISH, { id: first.id })).toBe('CONFLICT');
    const before = await catalog();
    for (const statement of [
      `update plan_versions set base_price_cents = 1 where id = '${second.id}'`,
      `update plan_items set included_quantity = 99 where plan_version_id = '${second.id}'`,
      `delete from plan_items where plan_version_id = '${first.id}'`,
      `update plan_versions set status = 'draft', published_at = null where id = '${second.id}'`,
    ]) {
      await expect(app.sql(statement)).rejects.toThrow('is published and cannot change');
    }
    expect(await catalog()).toEqual(before);
  });

  it('with a wrong item leave nothing behind', async () => {
    const before = await catalog();
    const wrong = [...items, { ...present(items[0]), overageUnit: 'gb' }];
    const { body } = await app.graphql(VERSION, { input: { planCode: 'studio', basePriceCents: 1, items: wrong } });
    expect(body.errors?.[0]?.extensions.fields?.map((field) => field.path)).toEqual([
      'input.items.1.kind',
      'input.items.1.overageUnit',
    ]);
    expect(await catalog()).toEqual(before);
  });
});

describe('resource prices', () => {
  it('hold from their day until the next one begins', async () => {
    const SET = gql(
      `mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { effectiveFrom effectiveTo } } }`,
    );
    const input: SetResourcePriceInput = {
      kind: 'VOLUME_GB_MONTH',
      unit: 'gb_month',
      unitPriceCents: '20.5',
      effectiveFrom: '2026-06-01',
    };
    expect(await app.data(SET, { input })).toEqual({
      setResourcePrice: { resourcePrice: { effectiveFrom: '2026-06-01', effectiveTo: null } },
    });
    const ON = gql('query($on: Date) { resourcePrices(on: $on) { kind unitPriceCents effectiveTo } }');
    const volume = async (on: string) =>
      (await app.data(ON, { on })).resourcePrices.filter((price) => price.kind === 'VOLUME_GB_MONTH');
    expect(await volume('2026-05-31')).toEqual([
      { kind: 'VOLUME_GB_MONTH', unitPriceCents: '18', effectiveTo: '2026-06-01' },
    ]);
    expect(await volume('2026-06-01')).toEqual([
      { kind: 'VOLUME_GB_MONTH', unitPriceCents: '20.5', effectiveTo: null },
    ]);
  });
});

describe('the catalog for a tenant', () => {
  it('is to be read, and nothing of it to be changed', async () => {
    const before = await catalog();
    const tenant = app.tenant('acme');
    const version = { planCode: 'studio', basePriceCents: 1, items: [] };
    const price = { kind: 'DNS_ZONES', unit: 'zone', unitPriceCents: '1', effectiveFrom: '2026-06-01' };
    for (const [query, variables] of [
      [gql('mutation { createPlan(input: { code: "x", name: "x" }) { plan { id } } }'), {}],
      [VERSION, { input: version }],
      [PUBLISH, { id: '00000000-0000-4000-8000-000000000000' }],
      [
        gql(
          'mutation { createAddon(input: { code: "x", name: "x", kind: DNS_ZONES, quantity: "1", priceCents: 1 }) { addon { id } } }',
        ),
        {},
      ],
      [
        gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
        { input: price },
      ],
      [gql('{ plans { versions { id } } }'), {}],
      [gql('{ plans { activeVersion { subscriberCount } } }'), {}],
      [QUOTE, { input: { planCode: 'studio', planVersionId: '00000000-0000-4000-8000-000000000000' } }],
    ] as const) {
      expect([query, await codeOf(query, variables, tenant)]).toEqual([query, 'FORBIDDEN']);
    }
    expect(await catalog()).toEqual(before);
  });
});
