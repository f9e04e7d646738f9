import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { CurrencyCode, LlmUsageInput } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let dollars: string;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
  await app.data(gql('mutation { createPlan(input: { code: "dollars", name: "Dollars" }) { plan { id } } }'));
  dollars = await publish('dollars', 3000, 'USD');
  for (const day of Array.from({ length: 30 }, (_, n) => `2026-04-${String(n + 1).padStart(2, '0')}`)) {
    await app.sql(`insert into metered_days values ($1, '2026-05-01T01:10:00Z')`, [day]);
  }
});
afterAll(() => app.close());
beforeEach(async () => {
  app.setTime('2026-05-01T03:00:00Z');
  await app.data(
    gql(
      'mutation { setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2026-01-01", rate: "1.5" }) { fxRate { rate } } }',
    ),
  );
});

async function publish(planCode: string, basePriceCents: number, currency: CurrencyCode): Promise<string> {
  const { createPlanVersion } = await app.data(
    gql(`mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }`),
    { input: { planCode, basePriceCents, currency, items: [] } },
  );
  const { id } = createPlanVersion.planVersion;
  await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id });
  return id;
}
const RECORD = gql(
  'mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { gatewayRequestId outcome reason } } }',
);
const charge = (
  gatewayRequestId: string,
  deploymentId: string,
  amount: string,
  currency: CurrencyCode,
  day = '2026-04-10',
) => {
  const tokens = { model: 'm', inputTokens: 1, outputTokens: 1 };
  return { gatewayRequestId, deploymentId, occurredAt: `${day}T00:00:00Z`, ...tokens, charge: amount, currency };
};
const record = async (...events: LlmUsageInput[]) => (await app.data(RECORD, { events })).recordLlmUsage.results;
const recordUnchecked = (gatewayRequestId: string, deploymentId: string, amount: string, currency: string) =>
  app.sql(
    `insert into llm_usage_events (gateway_request_id, deployment_id, occurred_at, model, input_tokens, output_tokens, charge, currency, recorded_at)
     values ($1, $2, '2026-04-10T00:00:00Z', 'm', 1, 1, $3, $4, '2026-04-10T00:00:00Z')`,
    [gatewayRequestId, deploymentId, amount, currency],
  );
const rollUp = async (tenantId: string, force = false) =>
  (
    await app.data(
      gql(`mutation($tenantId: String, $force: Boolean) { rollUpInvoices(period: "2026-04-01", tenantId: $tenantId, force: $force) {
        created skipped replaced failed { tenantId reason }
        unbillableCharges { tenantId deploymentId period currency planCurrency requestCount charge } } }`),
      { tenantId, force },
    )
  ).rollUpInvoices;
const invoicesOf = async (tenantId: string) =>
  (
    await app.data(
      gql(`query($tenantId: String) { invoices(filter: { tenantId: $tenantId }) { nodes { id number total { cents currency }
        lines { deployment { slug } line { kind amount { cents currency } } } } } }`),
      { tenantId },
    )
  ).invoices.nodes.toSorted((a, b) => (a.total.currency < b.total.currency ? -1 : 1));
const tenantOfBoth = async (tenant: string) => {
  const ids = [await app.createDeployment('aud', tenant), await app.createDeployment('usd', tenant)] as const;
  await app.subscribe(ids[0], 'studio', { startsOn: '2026-04-01' });
  await app.subscribe(ids[1], 'dollars', { startsOn: '2026-04-01' });
  return ids;
};

it('a charge in another currency than the plan’s is rejected with the reason, and the others of its batch stand', async () => {
  const [aud, usd] = await tenantOfBoth('rejecting');
  const before = await app.sql('select * from llm_usage_events');
  expect(await record(charge('r-1', aud, '1', 'USD'), charge('r-2', usd, '1', 'AUD'))).toEqual([
    {
      gatewayRequestId: 'r-1',
      outcome: 'REJECTED',
      reason: `currency is USD, but the plan of deployment ${aud} is in AUD`,
    },
    {
      gatewayRequestId: 'r-2',
      outcome: 'REJECTED',
      reason: `currency is AUD, but the plan of deployment ${usd} is in USD`,
    },
  ]);
  expect(await app.sql('select * from llm_usage_events')).toEqual(before);
  const results = await record(
    charge('r-3', aud, '1', 'AUD'),
    charge('r-4', aud, '1', 'USD', '2025-01-01'),
    charge('r-5', usd, '1', 'USD', '2026-05-01'),
  );
  expect(results.map((one) => one.outcome)).toEqual(['RECORDED', 'REJECTED', 'RECORDED']);
});

it('the currency is that of the plan on the day of the charge', async () => {
  const id = await app.createDeployment('moving', 'moving');
  const subscription = await app.subscribe(id, 'studio', { startsOn: '2026-04-01' });
  const CHANGE = gql(
    'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
  );
  await app.data(CHANGE, { id: subscription, version: dollars });
  const results = await record(
    charge('m-1', id, '1', 'AUD', '2026-04-30'),
    charge('m-2', id, '1', 'USD', '2026-05-01'),
    charge('m-3', id, '1', 'USD', '2026-04-30'),
    charge('m-4', id, '1', 'AUD', '2026-05-01'),
  );
  expect(results.map((one) => one.outcome)).toEqual(['RECORDED', 'RECORDED', 'REJECTED', 'REJECTED']);
  expect(present((await record(charge('m-1', id, '1', 'AUD', '2026-04-30')))[0]).outcome).toBe('DUPLICATE');
});

it('a tenant with plans in two currencies gets an invoice in each, numbered in one sequence', async () => {
  const [aud, usd] = await tenantOfBoth('both');
  await record(charge('b-1', aud, '2', 'AUD'), charge('b-2', usd, '4', 'USD'));
  expect(await rollUp('both')).toEqual({ created: 2, skipped: 0, replaced: 0, failed: [], unbillableCharges: [] });
  const drafts = await invoicesOf('both');
  // 50.00 + 2.00 and 30.00 + 4.00, each with its GST of 10 %.
  expect(drafts.map((one) => [one.total, one.lines.map(({ line }) => [line.kind, line.amount.cents])])).toEqual([
    [
      { cents: 5720, currency: 'AUD' },
      [
        ['PLAN_BASE', 5000],
        ['LLM_USAGE', 200],
        ['TAX', 520],
      ],
    ],
    [
      { cents: 3740, currency: 'USD' },
      [
        ['PLAN_BASE', 3000],
        ['LLM_USAGE', 400],
        ['TAX', 340],
      ],
    ],
  ]);
  expect(await rollUp('both')).toMatchObject({ created: 0, skipped: 2, replaced: 0 });
  expect(await rollUp('both', true)).toMatchObject({ created: 0, skipped: 0, replaced: 2 });
  const numbers: string[] = [];
  for (const { id } of drafts) {
    const { issueInvoice } = await app.data(
      gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { number } } }'),
      {
        id,
      },
    );
    numbers.push(present(issueInvoice.invoice.number));
  }
  const [first, second] = numbers.map((number) => Number(number.split('-')[1]));
  expect(second).toBe((first as number) + 1);
  expect(await rollUp('both', true)).toMatchObject({ created: 0, skipped: 2, replaced: 0 });
  const { margin } = await app.data(
    gql('{ margin(period: "2026-04-01") { byTenant { tenantId margin { revenue { cents currency } } } } }'),
  );
  // 52.00 AUD and 34.00 USD at 1.5.
  expect(margin.byTenant).toContainEqual({ tenantId: 'both', margin: { revenue: { cents: 10300, currency: 'AUD' } } });
});

it('charges recorded in the wrong currency before block nothing, are billed nowhere, and are reported', async () => {
  const [aud] = await tenantOfBoth('legacy');
  await recordUnchecked('legacy-1', aud, '1.25', 'USD');
  await recordUnchecked('legacy-2', aud, '0.75', 'USD');
  const reported = {
    tenantId: 'legacy',
    deploymentId: aud,
    period: '2026-04-01',
    currency: 'USD',
    planCurrency: 'AUD',
    requestCount: 2,
    charge: '2',
  };
  expect(await rollUp('legacy')).toEqual({
    created: 2,
    skipped: 0,
    replaced: 0,
    failed: [],
    unbillableCharges: [reported],
  });
  expect((await invoicesOf('legacy')).map((one) => one.total)).toEqual([
    { cents: 5500, currency: 'AUD' },
    { cents: 3300, currency: 'USD' },
  ]);
  const { reconciliation } = await app.data(
    gql(`{ reconciliation(period: "2026-04-01") {
      unbillableCharges { tenantId deploymentId period currency planCurrency requestCount charge } } }`),
  );
  expect(reconciliation.unbillableCharges).toEqual([reported]);
  const { accrual } = await app.data(gql('{ accrual { byDeployment { deployment { id } llmUsage { cents } } } }'));
  expect(present(accrual.byDeployment.find((one) => one.deployment.id === aud)).llmUsage.cents).toBe(0);
});

it('a deployment has no second currency in one month', async () => {
  app.setTime('2026-05-20');
  const id = await app.createDeployment('again', 'again');
  const subscription = await app.subscribe(id, 'studio', { startsOn: '2026-05-01' });
  await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }'), {
    id: subscription,
  });
  const SUBSCRIBE = gql(
    'mutation($id: ID!, $on: Date) { subscribeDeployment(id: $id, planCode: "dollars", startsOn: $on) { subscription { startsOn } } }',
  );
  const before = await app.rows();
  expect(await app.codeOf(SUBSCRIBE, { id })).toBe('CONFLICT');
  expect(await app.rows()).toEqual(before);
  const { subscribeDeployment } = await app.data(SUBSCRIBE, { id, on: '2026-06-01' });
  expect(subscribeDeployment.subscription.startsOn).toBe('2026-06-01');
});
