import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysInMonth, nextPeriod, type Period, parsePeriod } from '../../src/core/time/period.js';
import { gql, present } from '../support/typed-document.js';
import { type MarginApp, startMarginApp } from './margin-app.js';

const TENANTS = ['a', 'b', 'c'];
const PARTS = ['fixed', 'meteredAccrued', 'metered', 'total'] as const;
const ACCRUAL = gql(
  '{ accrual { total { cents } byDeployment { recurring { cents } overage { cents } llmUsage { cents } total { cents } } } }',
);
const FORECAST =
  gql(`{ marginForecast { revenue { fixed { cents } meteredAccrued { cents } metered { cents } total { cents } } cogs { fixed { cents } meteredAccrued { cents } metered { cents } total { cents } } margin { fixed { cents } meteredAccrued { cents } metered { cents } total { cents } } byDeployment { revenue { fixed { cents } meteredAccrued { cents } metered { cents } total { cents } } }
  accuracy { revenue { months { forecast { cents } actual { cents } error { cents } } } margin { months { forecast { cents } actual { cents } error { cents } } } } } }`);
const SIMULATE = gql(`query($id: ID!, $period: Date!) { simulatePlanVersion(planVersionId: $id, period: $period) {
  overall { before { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } after { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } difference { cents } }
  byTenant { tenantId change { before { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } after { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } difference { cents } } } } }`);

let app: MarginApp;
let draftId: string;
let deploymentIds: string[];
let month: Period = parsePeriod('2025-06-01');

beforeAll(async () => {
  app = await startMarginApp('2025-06-01T00:00:00Z');
  await app.setRate('2025-01-01', '1.4567');
  deploymentIds = [];
  for (const tenant of TENANTS) {
    for (const [slug, plan] of [
      ['one', 'studio'],
      ['two', 'pro'],
      ['three', 'studio'],
    ] as const) {
      const id = await app.createDeployment(slug, tenant);
      await app.subscribe(id, plan, { startsOn: '2025-05-13', addons: slug === 'one' ? ['storage_50gb'] : [] });
      deploymentIds.push(id);
    }
  }
  const { createPlanVersion } = await app.data(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    {
      input: {
        planCode: 'studio',
        basePriceCents: 4321,
        items: [{ kind: 'DROPLET_HOURS', includedQuantity: '100', overageUnit: 'hour', overagePriceCents: '0.777' }],
      },
    },
  );
  draftId = createPlanVersion.planVersion.id;
});
afterAll(() => app.close());

const centsOf = <One>(list: readonly One[], part: (one: One) => { readonly cents: number }) =>
  list.reduce((total, one) => total + part(one).cents, 0);

describe('over random subscriptions and usage', () => {
  const usage = fc.record({
    deployment: fc.nat({ max: 8 }),
    kind: fc.constantFrom('droplet_hours', 'spaces_gb_month', 'volume_gb_month', 'dns_zones'),
    day: fc.nat({ max: 27 }),
    quantity: fc.integer({ min: 0, max: 3_000_000 }).map((n) => (n / 1_000).toFixed(3)),
  });
  const charge = fc.record({
    deployment: fc.nat({ max: 8 }),
    day: fc.nat({ max: 27 }),
    charge: fc.integer({ min: 0, max: 10 ** 9 }).map((n) => (n / 10 ** 8).toFixed(8)),
  });
  const random = fc.record({
    usage: fc.array(usage, { maxLength: 40 }),
    charges: fc.array(charge, { maxLength: 20 }),
    costs: fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 10 }),
    asOf: fc.nat({ max: 27 }),
  });
  let run = 0;

  it('accrual, forecast and simulation are the sum of their parts, and at month’s end the invoices', async () => {
    await fc.assert(
      fc.asyncProperty(random, async (books) => {
        run += 1;
        for (const { deployment, kind, day, quantity } of books.usage) {
          await app.sql(
            `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
             values ($1, gen_random_uuid(), $2, 'daily', $3::date::timestamp at time zone 'UTC', $4)`,
            [deploymentIds[deployment], kind, addDays(month, day), quantity],
          );
        }
        app.setTime(`${addDays(month, daysInMonth(month) - 1)}T23:59:59Z`);
        const events = books.charges.map(({ deployment, day, charge: amount }, i) => ({
          gatewayRequestId: `${run}-${i}`,
          deploymentId: present(deploymentIds[deployment]),
          occurredAt: `${addDays(month, day)}T12:00:00Z`,
          model: 'm',
          inputTokens: 1,
          outputTokens: 1,
          charge: amount,
        }));
        if (events.length > 0) {
          await app.data(
            gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'),
            { events },
          );
        }
        await app.addCloudInvoice(month, [...books.costs.map((cents) => ({ cents })), { cents: 7, status: 'tax' }]);

        app.setTime(`${addDays(month, books.asOf)}T10:00:00Z`);
        const { marginForecast } = await app.data(FORECAST);
        for (const part of PARTS) {
          const { revenue, cogs, margin, byDeployment } = marginForecast;
          expect(centsOf(byDeployment, (one) => one.revenue[part])).toBe(revenue[part].cents);
          expect(revenue[part].cents - cogs[part].cents).toBe(margin[part].cents);
        }
        const amounts = [marginForecast.revenue, marginForecast.cogs, marginForecast.margin];
        for (const one of amounts) expect(one.fixed.cents + one.metered.cents).toBe(one.total.cents);
        for (const side of ['revenue', 'margin'] as const) {
          for (const { forecast, actual, error } of marginForecast.accuracy[side].months) {
            expect(forecast.cents - actual.cents).toBe(error.cents);
          }
        }

        app.setTime(`${addDays(month, daysInMonth(month) - 1)}T23:59:59Z`);
        const { accrual } = await app.data(ACCRUAL);
        expect(centsOf(accrual.byDeployment, (one) => one.total)).toBe(accrual.total.cents);
        for (const one of accrual.byDeployment) {
          expect(one.recurring.cents + one.overage.cents + one.llmUsage.cents).toBe(one.total.cents);
        }

        const { simulatePlanVersion: simulated } = await app.data(SIMULATE, { id: draftId, period: month });
        for (const side of ['before', 'after'] as const) {
          for (const part of ['revenue', 'cogs', 'cogsTax', 'margin'] as const) {
            expect(centsOf(simulated.byTenant, (one) => one.change[side][part])).toBe(
              simulated.overall[side][part].cents,
            );
          }
        }
        const { before, after, difference } = simulated.overall;
        expect(after.margin.cents - before.margin.cents).toBe(difference.cents);

        app.setTime(`${nextPeriod(month)}T03:00:00Z`);
        await app.rollUp(month);
        const { margin } = await app.data(
          gql(`query($p: Date!) { margin(period: $p) { overall { revenue { cents } } } }`),
          {
            p: month,
          },
        );
        expect(accrual.total.cents).toBe(margin.overall.revenue.cents);
        expect(before.revenue.cents).toBe(margin.overall.revenue.cents);
        month = nextPeriod(month);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
