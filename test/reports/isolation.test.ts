import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql } from '../support/typed-document.js';

let app: BillingApp;
let broken: string;
const REASON = 'A subscription has two plan versions in force on 2026-05-01.';
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  for (const tenant of ['before', 'broken', 'zafter']) {
    const id = await app.createDeployment('app', tenant);
    await app.subscribe(id, 'starter', { startsOn: '2026-05-01' });
    if (tenant === 'broken') broken = id;
  }
  await app.sql(
    `insert into subscription_segments (subscription_id, plan_version_id, from_day, until_day)
     select id, plan_version_id, '2026-05-01', '2026-05-11' from subscriptions where deployment_id = $1`,
    [broken],
  );
});
afterAll(() => app.close());

it('a tenant whose month cannot be priced is named, and the others’ accrual and forecast stand', async () => {
  const { accrual, marginForecast } = await app.data(
    gql(`{
    accrual { total { cents } byDeployment { deployment { tenantId } total { cents } } problems { tenantId deploymentId message } }
    marginForecast { revenue { total { cents } } problems { tenantId deploymentId message } } }`),
  );
  const problem = { tenantId: 'broken', deploymentId: broken, message: REASON };
  expect(accrual.problems).toEqual([problem]);
  expect(accrual.total).toEqual({ cents: 4000 });
  expect(accrual.byDeployment).toEqual(
    ['before', 'zafter'].map((tenantId) => ({ deployment: { tenantId }, total: { cents: 2000 } })),
  );
  expect(marginForecast).toEqual({ revenue: { total: { cents: 4000 } }, problems: [problem] });
});

it('and so do their invoices, margin and reconciliation', async () => {
  app.setTime('2026-06-01T03:00:00Z');
  const { rollUpInvoices } = await app.data(
    gql('mutation { rollUpInvoices(period: "2026-05-01") { created failed { tenantId reason } } }'),
  );
  expect(rollUpInvoices).toEqual({ created: 2, failed: [{ tenantId: 'broken', reason: REASON }] });
  const { margin, reconciliation } = await app.data(
    gql(`{
    margin(period: "2026-05-01") { byTenant { tenantId margin { revenue { cents } } } }
    reconciliation(period: "2026-05-01") { usageCounts { count } } }`),
  );
  expect(margin.byTenant).toEqual(
    ['before', 'zafter'].map((tenantId) => ({ tenantId, margin: { revenue: { cents: 2000 } } })),
  );
  expect(reconciliation.usageCounts.every((one) => one.count === 0)).toBe(true);
});
