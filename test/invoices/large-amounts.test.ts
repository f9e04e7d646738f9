import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { PlanItemInput } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let large: string;
const MONTH = '2026-04-01';

beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
  await app.data(gql('mutation { createPlan(input: { code: "dear", name: "Dear" }) { plan { id } } }'));
  const item: PlanItemInput = {
    kind: 'VOLUME_GB_MONTH',
    includedQuantity: '0',
    overageUnit: 'gb',
    overagePriceCents: '900000000000',
  };
  const { createPlanVersion } = await app.data(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    { input: { planCode: 'dear', basePriceCents: 1000, items: [item] } },
  );
  await app.data(
    gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'),
    createPlanVersion.planVersion,
  );
  await app.subscribe(await app.createDeployment('app', 'small'), 'starter', { startsOn: MONTH });
  await app.createDeployment('other', 'large');
  large = await app.createDeployment('app', 'large');
  await app.subscribe(large, 'dear', { startsOn: MONTH });
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-01T03:00:00Z'));

const record = (quantity: string, day: string) =>
  app.sql(
    `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     values ($1, gen_random_uuid(), 'volume_gb_month', 'daily', $2, $3)`,
    [large, `${day}T00:00:00Z`, quantity],
  );

it('a quote beyond 2^53 cents is an error at its field', async () => {
  const { body } = await app.graphql(
    gql('query($input: QuoteInput!) { quote(input: $input) { allInMonthly { cents } } }'),
    {
      input: { planCode: 'dear', projectedUsage: [{ kind: 'VOLUME_GB_MONTH', quantity: '20000' }] },
    },
  );
  expect(body.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: [{ path: 'input.projectedUsage' }],
  });
});

it('a month beyond it fails by tenant, deployment and request, and the failure is kept until it is drafted', async () => {
  await record('20000', '2026-04-10');
  const ROLL_UP = gql(
    `mutation { rollUpInvoices(period: "2026-04-01", allowUnmetered: true) { created replaced failed { tenantId currency deploymentId reason } } }`,
  );
  const FAILURES =
    gql(`query($filter: RollUpFailureFilter, $first: Int) { rollUpFailures(filter: $filter, first: $first) { totalCount nodes {
    tenantId currency period deploymentId requestId reason attempts firstFailedAt lastFailedAt resolvedAt } } }`);
  const failures = async (filter: object = {}) => (await app.data(FAILURES, { filter, first: 10 })).rollUpFailures;
  const reason =
    'An amount of 18000000000000000 cents is more than 9007199254740991 cents, the most that an amount can be.';
  const failed = { tenantId: 'large', currency: 'AUD', deploymentId: large, reason };
  const { rollUpInvoices } = await app.data(ROLL_UP);
  expect(rollUpInvoices).toEqual({ created: 1, replaced: 0, failed: [failed] });
  const first = present((await failures()).nodes[0]);
  expect(first).toEqual({
    ...failed,
    period: MONTH,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    attempts: 1,
    firstFailedAt: '2026-05-01T03:00:00.000Z',
    lastFailedAt: '2026-05-01T03:00:00.000Z',
    resolvedAt: null,
  });
  app.setTime('2026-05-02T03:00:00Z');
  await app.data(ROLL_UP);
  const again = await failures({ tenantId: 'large', period: '2026-04-30', deploymentId: large });
  expect(again).toMatchObject({ totalCount: 1, nodes: [{ attempts: 2, lastFailedAt: '2026-05-02T03:00:00.000Z' }] });
  expect(present(again.nodes[0]).requestId).not.toBe(first.requestId);
  expect((await failures({ requestId: first.requestId })).nodes).toEqual([]);
  expect((await failures({ tenantId: 'small' })).totalCount).toBe(0);
  expect(await app.codeOf(FAILURES, { first: 10 }, app.tenant('large'))).toBe('FORBIDDEN');
  expect(await app.codeOf(FAILURES, { first: 201 })).toBe('BAD_USER_INPUT');

  await app.sql('delete from usage_records');
  expect((await app.data(ROLL_UP)).rollUpInvoices).toEqual({ created: 1, replaced: 0, failed: [] });
  expect((await failures()).totalCount).toBe(0);
  expect((await failures({ resolved: true })).nodes).toMatchObject([
    { tenantId: 'large', resolvedAt: '2026-05-02T03:00:00.000Z' },
  ]);
});

it('margin, accrual and forecast leave that tenant out by name, and the others stand', async () => {
  await app.data(
    gql(`mutation { rollUpInvoices(period: "2026-04-01", force: true, allowUnmetered: true) { replaced } }`),
  );
  const MARGIN =
    gql(`{ margin(period: "2026-04-01") { overall { revenue { cents } } byTenant { tenantId margin { revenue { cents } } }
    revenueByKind { revenue { cents } } problems { tenantId deploymentId message } } }`);
  const of = (cents: number) => ({ revenue: { cents } });
  expect((await app.data(MARGIN)).margin).toMatchObject({ overall: of(3000), problems: [] });
  const { id } = await app.row<{ id: string }>(`select id from invoices where tenant_id = 'large'`);
  await app.sql(
    `insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents, amount_cents, currency, meta)
     select $1, 90 + n, 'overage', 'A line', 1, 'hour', 1, 9007199254740000, 'AUD', '{}' from generate_series(1, 2) n`,
    [id],
  );
  const message = expect.stringContaining('the most that an amount can be');
  expect((await app.data(MARGIN)).margin).toEqual({
    overall: of(2000),
    byTenant: [{ tenantId: 'small', margin: of(2000) }],
    revenueByKind: [of(2000)],
    problems: [{ tenantId: 'large', deploymentId: null, message }],
  });

  app.setTime('2026-04-20');
  await record('20000', '2026-04-10');
  const { accrual, marginForecast } = await app.data(
    gql(`{ accrual { total { cents } problems { tenantId deploymentId message } }
      marginForecast { revenue { total { cents } } problems { tenantId deploymentId message } } }`),
  );
  const problems = [{ tenantId: 'large', deploymentId: large, message }];
  expect(accrual).toEqual({ total: { cents: 2000 }, problems });
  expect(marginForecast).toEqual({ revenue: { total: { cents: 2000 } }, problems });
});

it('a simulation leaves that tenant out by name, and the others stand', async () => {
  const { plan } = await app.data(gql('{ plan(code: "dear") { activeVersion { id } } }'));
  const fine = await app.createDeployment('fine', 'fine');
  await app.subscribe(fine, 'dear', { startsOn: MONTH });
  const { simulatePlanVersion } = await app.data(
    gql(`query($id: ID!) { simulatePlanVersion(planVersionId: $id, period: "2026-04-01") { problems { tenantId deploymentId message }
      overall { before { revenue { cents } } } byTenant { tenantId change { before { revenue { cents } } } } } }`),
    { id: present(plan?.activeVersion).id },
  );
  expect(simulatePlanVersion).toEqual({
    problems: [
      { tenantId: 'large', deploymentId: null, message: expect.stringContaining('the most that an amount can be') },
    ],
    overall: { before: { revenue: { cents: 1000 } } },
    byTenant: [{ tenantId: 'fine', change: { before: { revenue: { cents: 1000 } } } }],
  });
});

it('a volume above a billion GB is metered', async () => {
  await app.addResource(large, { kind: 'volume', name: 'huge', attrs: { size_gigabytes: 3_000_000_000 } });
  await meterUsage(app.app, '2026-04-30');
  expect(
    await app.sql(
      `select quantity::text from usage_records usage join cloud_resources resource on resource.id = usage.resource_id where name = 'huge'`,
    ),
  ).toEqual([{ quantity: '100000000.000000000000000000' }]);
});
