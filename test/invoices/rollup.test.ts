import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rollUpDuePeriods } from '../../src/services/invoices/roll-up-due-periods.js';
import { rollUpInvoices } from '../../src/services/invoices/roll-up-invoices.js';
import { meterDueDays, meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { CurrencyCode } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());
beforeEach(async () => {
  app.setTime('2026-05-01T03:00:00Z');
  // Nothing here is issued, so that all of it may go.
  await app.sql(`delete from llm_usage_events; delete from invoice_lines; delete from invoices; delete from rolled_up_periods;
    delete from usage_records; delete from metered_days; delete from cloud_resources; delete from subscription_addons;
    delete from subscription_segments; delete from subscriptions; delete from deployment_events; delete from deployments`);
});

const rollUp = (period: string, options: object = {}) =>
  rollUpInvoices(app.app, { period, tenantId: null, force: false, allowUnmetered: false, ...options });
const invoices = () =>
  app.sql(
    `select tenant_id as tenant, period::text, status, total_cents::int as cents, number from invoices order by 1, 2`,
  );
const everything = () =>
  app.sql(`select (select json_agg(i order by id) from invoices i) as invoices, (select json_agg(l order by id) from invoice_lines l) as lines,
    (select json_agg(e order by gateway_request_id) from llm_usage_events e) as events`);
const charge = (
  gatewayRequestId: string,
  deploymentId: string,
  occurredAt: string,
  amount: string,
  currency: CurrencyCode = 'AUD',
) =>
  app.data(gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'), {
    events: [
      {
        gatewayRequestId,
        deploymentId,
        occurredAt,
        model: 'm',
        inputTokens: 1,
        outputTokens: 1,
        charge: amount,
        currency,
      },
    ],
  });
const addTenants = async (count: number, planCode = 'starter', startsOn = '2026-04-01') => {
  const tenants = Array.from({ length: count }, (_, n) => `t-${String(n).padStart(3, '0')}`);
  for (const tenant of tenants) {
    await app.subscribe(await app.createDeployment('app', tenant), planCode, { startsOn });
  }
  return tenants;
};
/** A second plan version on the same days: a month that cannot be priced. */
const breakTenant = (tenant: string) =>
  app.sql(
    `insert into subscription_segments (subscription_id, plan_version_id, from_day, until_day)
     select subscription.id, plan_version_id, '2026-04-01', '2026-06-20' from subscriptions subscription
     join deployments deployment on deployment.id = subscription.deployment_id where tenant_id = $1`,
    [tenant],
  );
const mendTenants = () => app.sql(`delete from subscription_segments where until_day = '2026-06-20'`);
const BROKEN = 'A subscription has two plan versions in force on 2026-04-01.';
const deploymentOf = async (tenant: string) =>
  (await app.row<{ id: string }>('select id from deployments where tenant_id = $1', [tenant])).id;

describe('a rollup of many tenants', () => {
  it('names each that is broken, and leaves no trace in it, while all others are billed', async () => {
    const tenants = await addTenants(120);
    const broken = ['t-007', 't-030', 't-119'];
    for (const tenant of broken) {
      await breakTenant(tenant);
      await charge(`of-${tenant}`, await deploymentOf(tenant), '2026-04-10T00:00:00Z', '1');
    }
    await charge('aud', await deploymentOf('t-008'), '2026-04-10T00:00:00Z', '1');
    expect(await rollUp('2026-04-01')).toEqual({
      created: 117,
      skipped: 0,
      replaced: 0,
      failed: await Promise.all(
        broken.map(async (tenantId) => {
          return { tenantId, currency: 'AUD', deploymentId: await deploymentOf(tenantId), reason: BROKEN };
        }),
      ),
      held: [],
      unmeteredDays: [],
      unbillableCharges: [],
    });
    const billed = await invoices();
    expect(billed.map((invoice) => invoice.tenant)).toEqual(tenants.filter((tenant) => !broken.includes(tenant)));
    expect(billed.map((invoice) => invoice.cents)).toEqual(
      billed.map(({ tenant }) => (tenant === 't-008' ? 2310 : 2200)),
    );
    const bound = await app.sql(`select gateway_request_id as id from llm_usage_events where invoice_id is not null`);
    expect(bound).toEqual([{ id: 'aud' }]);
  });

  it('forced, with one that is broken since its draft: that draft stays as it was', async () => {
    await addTenants(3);
    const first = await deploymentOf('t-001');
    await charge('before', first, '2026-04-02T00:00:00Z', '5');
    await rollUp('2026-04-01');
    const draftOf = async (tenant: string) =>
      app.sql(
        `select invoice.*, (select json_agg(line order by id) from invoice_lines line where invoice_id = invoice.id) as lines,
           (select json_agg(gateway_request_id) from llm_usage_events where invoice_id = invoice.id) as charges
         from invoices invoice where tenant_id = $1`,
        [tenant],
      );
    const before = await draftOf('t-001');
    await charge('since', first, '2026-04-03T00:00:00Z', '5');
    await breakTenant('t-001');
    await charge('more', await deploymentOf('t-002'), '2026-04-03T00:00:00Z', '10');
    expect(await rollUp('2026-04-01', { force: true })).toMatchObject({
      replaced: 2,
      failed: [{ tenantId: 't-001' }],
    });
    expect(await draftOf('t-001')).toEqual(before);
    expect((await invoices()).map((invoice) => invoice.cents)).toEqual([2200, 2750, 3300]);
  });

  it('twice at once gives each tenant one invoice, and each charge one line', async () => {
    const tenants = await addTenants(110);
    for (const tenant of tenants.slice(0, 20)) {
      await charge(`llm-${tenant}`, await deploymentOf(tenant), '2026-04-10T00:00:00Z', '1');
    }
    const [one, other] = await Promise.all([rollUp('2026-04-01'), rollUp('2026-04-01')]);
    expect(one.created + other.created).toBe(110);
    expect(one.skipped + other.skipped).toBe(110);
    expect([...one.failed, ...other.failed]).toEqual([]);
    const forced = await Promise.all([1, 2, 3].map(() => rollUp('2026-04-01', { force: true })));
    expect(forced.map(({ replaced, failed }) => [replaced, failed])).toEqual([1, 2, 3].map(() => [110, []]));
    expect(await app.sql('select sum(total_cents)::int as cents, count(*)::int as count from invoices')).toEqual([
      { cents: 110 * 2200 + 20 * 110, count: 110 },
    ]);
    expect(
      await app.sql(
        `select count(*)::int as lines, sum(amount_cents)::int as cents from invoice_lines where kind = 'llm_usage'`,
      ),
    ).toEqual([{ lines: 20, cents: 2000 }]);
  });

  it('bills two deployments of a tenant on one invoice, with one GST line', async () => {
    for (const [slug, plan] of [
      ['one', 'starter'],
      ['two', 'studio'],
    ] as const) {
      await app.subscribe(await app.createDeployment(slug, 'both'), plan, { startsOn: '2026-04-01' });
    }
    await rollUp('2026-04-01');
    expect(await invoices()).toMatchObject([{ tenant: 'both', cents: 7700 }]);
    const lines = await app.sql(
      `select line.kind, slug, amount_cents::int as cents from invoice_lines line left join deployments d on d.id = deployment_id order by position`,
    );
    expect(lines.filter((line) => line.kind === 'tax')).toEqual([{ kind: 'tax', slug: null, cents: 700 }]);
    expect(lines.map((line) => line.slug).toSorted()).toEqual(['one', 'two', null].toSorted());
  });

  it('forced, takes a draft away that has nothing left to bill', async () => {
    const id = await app.subscribe(await app.createDeployment('app', 'gone'), 'starter', { startsOn: '2026-04-01' });
    await rollUp('2026-04-01');
    await app.sql(`update subscription_segments set until_day = from_day where subscription_id = $1`, [id]);
    expect(await rollUp('2026-04-01', { force: true })).toMatchObject({ replaced: 1, failed: [] });
    expect(await everything()).toEqual([{ invoices: null, lines: null, events: null }]);
  });
});

describe('the schedule', () => {
  it('rolls last month up once, from 03:00 of the 1st on', async () => {
    await addTenants(1, 'starter', '2026-08-01');
    app.setTime('2026-09-01T02:59:59Z');
    await rollUpDuePeriods(app.app);
    expect(await invoices()).toEqual([]);
    app.setTime('2026-09-02T01:10:00Z');
    await Promise.all([rollUpDuePeriods(app.app), rollUpDuePeriods(app.app)]);
    expect((await invoices()).map((invoice) => invoice.period)).toEqual(['2026-08-01']);
    const before = await everything();
    await rollUpDuePeriods(app.app);
    expect(await everything()).toEqual(before);
  });

  it('after months without it, makes up for each of them', async () => {
    await addTenants(1, 'starter', '2026-03-15');
    await rollUpDuePeriods(app.app);
    app.setTime('2026-09-01T03:00:00Z');
    await rollUpDuePeriods(app.app);
    expect((await invoices()).map((invoice) => invoice.period)).toEqual(
      [4, 5, 6, 7, 8].map((month) => `2026-0${month}-01`),
    );
  });

  it('tries again where a tenant was broken, in a later month too', async () => {
    await addTenants(2);
    await rollUpDuePeriods(app.app);
    app.setTime('2026-06-01T03:00:00Z');
    await breakTenant('t-001');
    await rollUpDuePeriods(app.app);
    const may = async () =>
      (await invoices()).filter((invoice) => invoice.period === '2026-05-01').map((invoice) => invoice.tenant);
    expect(await may()).toEqual(['t-000']);
    await mendTenants();
    app.setTime('2026-07-01T03:00:00Z');
    await rollUpDuePeriods(app.app);
    expect(await may()).toEqual(['t-000', 't-001']);
  });

  it('writes a draft anew that was made before the month was metered, and no other', async () => {
    const id = await app.createDeployment('app', 'early');
    await app.subscribe(id, 'starter', { startsOn: '2026-05-01' });
    for (const name of ['web-1', 'web-2', 'web-3']) await app.addResource(id, { kind: 'droplet', name });
    app.setTime('2026-06-01T00:30:00Z');
    await meterUsage(app.app, '2026-05-19');
    await rollUp('2026-05-01', { allowUnmetered: true });
    expect((await invoices())[0]).toMatchObject({ status: 'draft', cents: 2200 });
    app.setTime('2026-06-01T03:00:00Z');
    await meterDueDays(app.app);
    await rollUpDuePeriods(app.app);
    // 13 days of three droplets are 936 hours, 744 included: 20.00 + 2.30 and GST.
    expect(present((await invoices())[0]).cents).toBe(2453);
    const draft = await app.row<{ at: Date }>(`select drafted_at as at from invoices`);
    expect(draft.at.toISOString()).toBe('2026-06-01T03:00:00.000Z');
    app.setTime('2026-06-02T01:10:00Z');
    await rollUpDuePeriods(app.app);
    expect(await app.sql(`select drafted_at as at from invoices`)).toEqual([draft]);
  });
});
