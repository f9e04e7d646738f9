import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { daysOf, parseDay } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { CurrencyCode } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-26T00:30:00Z');
});
afterAll(() => app.close());

const ACCRUAL = gql(`{ accrual { period asOf total { cents currency } byDeployment { deployment { slug }
  recurring { cents } overage { cents } llmUsage { cents } total { cents currency } } } }`);
const accrual = async () => (await app.data(ACCRUAL)).accrual;
const parts = ({ byDeployment }: Awaited<ReturnType<typeof accrual>>) =>
  byDeployment.map((one) => [
    one.deployment.slug,
    one.recurring.cents,
    one.overage.cents,
    one.llmUsage.cents,
    one.total.cents,
  ]);
const llm = (gatewayRequestId: string, deploymentId: string, charge: string, currency: CurrencyCode) =>
  app.data(gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'), {
    events: [
      {
        gatewayRequestId,
        deploymentId,
        occurredAt: '2026-05-20T10:00:00Z',
        model: 'm',
        inputTokens: 1,
        outputTokens: 1,
        charge,
        currency,
      },
    ],
  });

it('what runs up this month is what its invoice would say today, LLM charges included', async () => {
  expect(await accrual()).toMatchObject({
    period: '2026-05-01',
    total: { cents: 0, currency: 'AUD' },
    byDeployment: [],
  });
  const id = await app.createDeployment('accruing', 'acme');
  await app.subscribe(id, 'studio', { addons: ['storage_50gb'], startsOn: '2026-05-01' });
  for (const name of ['a', 'b', 'c']) await app.addResource(id, { kind: 'droplet', name });
  for (const day of daysOf({ from: parseDay('2026-05-01'), until: parseDay('2026-05-26') }))
    await meterUsage(app.app, day);
  await llm('one', id, '0.333333333333', 'AUD');
  await llm('two', id, '0.002', 'AUD');
  const cancelled = await app.createDeployment('cancelled', 'acme');
  const subscription = await app.subscribe(cancelled, 'starter', { startsOn: '2026-05-01' });
  await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }'), {
    id: subscription,
  });

  const report = await accrual();
  // 25 days of 72 hours are 1,800, of which 1,488 are included: 312 at 1 c.
  expect(parts(report).sort()).toEqual([
    ['accruing', 5750, 312, 34, 6096],
    ['cancelled', 1677, 0, 0, 1677],
  ]);
  expect(report).toMatchObject({ asOf: '2026-05-26T00:30:00.000Z', total: { cents: 7773, currency: 'AUD' } });
  const before = await app.sql('select count(*)::int as invoices from invoices');
  expect(before).toEqual([{ invoices: 0 }]);
  app.setTime('2026-06-01T01:00:00Z');
  await app.data(gql('mutation { rollUpInvoices(period: "2026-05-01", allowUnmetered: true) { created } }'));
  const { invoices } = await app.data(gql('{ invoices { nodes { subtotal { cents } } } }'));
  expect(present(invoices.nodes[0]).subtotal.cents).toBe(7773);
  app.setTime('2026-05-26T00:30:00Z');
  expect(await accrual()).toEqual(report);
});

it('a charge in dollars of a deployment without a plan needs the rate by name, and is converted by itself', async () => {
  const id = await app.createDeployment('dollars', 'other');
  await llm('usd', id, '1.01', 'USD');
  const { body } = await app.graphql(ACCRUAL);
  expect(body.data).toBeNull();
  expect(body.errors?.[0]).toMatchObject({
    message:
      'There is no rate from USD to AUD on 2026-05-31. An operator sets one that is effective by then: setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2026-05-31", rate: "…" }).',
    extensions: { code: 'BAD_USER_INPUT', base: 'USD', quote: 'AUD', day: '2026-05-31' },
  });
  await app.data(
    gql(
      'mutation { setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2026-05-26", rate: "1.5" }) { fxRate { rate } } }',
    ),
  );
  const report = await accrual();
  expect(parts(report)).toContainEqual(['dollars', 0, 0, 152, 152]);
  expect(report.total.cents).toBe(7773 + 152);
});

it('charges of a month whose rollup is still to come are left to it, and are late after it', async () => {
  app.setTime('2026-06-01T01:00:00Z');
  const llmOf = async () => parts(await accrual()).find(([slug]) => slug === 'dollars')?.[3] ?? 0;
  expect(await llmOf()).toBe(0);
  await app.sql(`insert into rolled_up_periods (period, rolled_up_at) values ('2026-05-01', '2026-06-01T03:00:00Z')`);
  app.setTime('2026-06-01T04:00:00Z');
  expect(await llmOf()).toBe(152);
});

it('accrual is for operators', async () => {
  expect(await app.codeOf(ACCRUAL, {}, app.tenant('acme'))).toBe('FORBIDDEN');
});
