import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rollUpDuePeriods } from '../../src/services/invoices/roll-up-due-periods.js';
import { meterDueDays, meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { type AnyDocument, gql } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());
beforeEach(async () => {
  app.setTime('2026-05-20');
  // Nothing here is issued, so that all of it may go.
  await app.sql(`delete from invoice_lines; delete from invoices; delete from rolled_up_periods; delete from usage_records;
    delete from metered_days; delete from cloud_resources; delete from subscription_segments; delete from subscriptions;
    delete from deployment_events; delete from deployments`);
});

const ROLL_UP = gql(`mutation($period: Date!, $allowUnmetered: Boolean) {
  rollUpInvoices(period: $period, allowUnmetered: $allowUnmetered) { created failed { reason } unmeteredDays } }`);
const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { status } } }');
const errorOf = async (query: AnyDocument, variables: object) => (await app.raw(query, variables)).body.errors?.[0];
const daysOfMay = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `2026-05-${String(from + n).padStart(2, '0')}`);
const drafts = () => app.sql(`select id, period::text, total_cents::int as cents from invoices order by period`);
const meter = async (from: number, to: number) => {
  for (const day of daysOfMay(from, to)) await meterUsage(app.app, day);
};

/** Starter with two droplets: 1,488 hours of May, 744 of them included, the rest at 1.2 c: 20.00 + 8.93 and GST. */
async function subscribeWithDroplets(): Promise<void> {
  const id = await app.createDeployment('app', 'acme');
  await app.subscribe(id, 'starter', { startsOn: '2026-05-01' });
  for (const name of ['web-1', 'web-2']) await app.addResource(id, { kind: 'droplet', name });
}

describe('a month that has not ended', () => {
  it.each(['2026-05-20T12:00:00Z', '2026-05-31T23:59:59.999Z'])('is not rolled up at %s', async (now) => {
    await subscribeWithDroplets();
    app.setTime(now);
    const before = await app.rows();
    for (const allowUnmetered of [false, true]) {
      expect(await errorOf(ROLL_UP, { period: '2026-05-31', allowUnmetered })).toMatchObject({
        message: 'period: 2026-05 has not ended; it ends on 2026-06-01 00:00 UTC',
        extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'period' }] },
      });
    }
    expect(await app.rows()).toEqual(before);
  });

  it('is not issued, nor is a draft that was written before it ended', async () => {
    await subscribeWithDroplets();
    const { id } = await app.row<{ id: string }>(
      `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
       values ('acme', '2026-05-01', 'draft', 'AUD', 2000, 200, 2200, '2026-05-20T12:00:00Z') returning id`,
    );
    app.setTime('2026-05-31T23:59:59.999Z');
    const before = await app.rows();
    expect(await errorOf(ISSUE, { id })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'id' }] },
    });
    app.setTime('2026-06-01T00:00:00Z');
    expect(await errorOf(ISSUE, { id })).toMatchObject({
      message: 'This draft was written before its month ended; roll 2026-05 up again with force: true.',
      extensions: { code: 'CONFLICT' },
    });
    expect(await app.rows()).toEqual(before);
  });
});

describe('a month with days that are not metered', () => {
  it('is not rolled up, and the error names the days', async () => {
    await subscribeWithDroplets();
    app.setTime('2026-06-01T00:00:00Z');
    await meter(1, 29);
    const before = await app.rows();
    expect(await errorOf(ROLL_UP, { period: '2026-05-01' })).toMatchObject({
      message: 'Not metered yet: 2026-05-30, 2026-05-31. Meter these days, or pass allowUnmetered: true.',
      extensions: { code: 'CONFLICT', fields: [{ path: 'period' }], unmeteredDays: ['2026-05-30', '2026-05-31'] },
    });
    expect(await app.rows()).toEqual(before);
    await meter(30, 31);
    const { rollUpInvoices } = await app.data(ROLL_UP, { period: '2026-05-01' });
    expect(rollUpInvoices).toEqual({ created: 1, failed: [], unmeteredDays: [] });
    expect(await drafts()).toMatchObject([{ cents: 3182 }]);
  });

  it('is rolled up if the caller allows it, and the answer names the days', async () => {
    await subscribeWithDroplets();
    app.setTime('2026-06-01T00:00:00Z');
    await meter(1, 29);
    const { rollUpInvoices } = await app.data(ROLL_UP, { period: '2026-05-01', allowUnmetered: true });
    expect(rollUpInvoices).toEqual({ created: 1, failed: [], unmeteredDays: ['2026-05-30', '2026-05-31'] });
    // 29 days of 48 hours are 1,392, less 744 at 1.2 c: 7.78.
    expect(await drafts()).toMatchObject([{ cents: 3056 }]);
  });

  it('is rolled up if no deployment had anything to meter', async () => {
    await app.subscribe(await app.createDeployment('app', 'acme'), 'starter', { startsOn: '2026-05-01' });
    app.setTime('2026-06-01T00:00:00Z');
    const { rollUpInvoices } = await app.data(ROLL_UP, { period: '2026-05-01' });
    expect(rollUpInvoices).toEqual({ created: 1, failed: [], unmeteredDays: [] });
  });
});

describe('the schedule', () => {
  it('waits for the days that are not metered, and bills them once they are', async () => {
    await subscribeWithDroplets();
    app.setTime('2026-06-01T03:00:00Z');
    await meter(1, 29);
    await rollUpDuePeriods(app.app);
    expect(await drafts()).toEqual([]);
    expect(await app.sql('select * from rolled_up_periods')).toEqual([]);
    app.setTime('2026-06-01T03:50:00Z');
    await meterDueDays(app.app);
    await rollUpDuePeriods(app.app);
    expect(await drafts()).toMatchObject([{ period: '2026-05-01', cents: 3182 }]);
    expect(await app.sql('select period::text from rolled_up_periods')).toEqual([{ period: '2026-05-01' }]);
  });

  it('does not wait for days before the first that was metered, as those before the installation', async () => {
    await subscribeWithDroplets();
    app.setTime('2026-06-01T03:00:00Z');
    await meter(20, 31);
    await rollUpDuePeriods(app.app);
    // 12 days of 48 hours are 576: within the 744 that are included.
    expect(await drafts()).toMatchObject([{ cents: 2200 }]);
  });

  // The last one: what is issued stays.
  it('does not wait for days that cannot be metered because an invoice of the month is issued', async () => {
    await subscribeWithDroplets();
    app.setTime('2026-06-01T03:00:00Z');
    await meter(1, 29);
    await app.sql(
      `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at, number, issued_at)
       values ('other', '2026-05-01', 'issued', 'AUD', 1, 0, 1, '2026-06-01', 'X-1', '2026-06-01')`,
    );
    await rollUpDuePeriods(app.app);
    expect((await drafts()).map(({ cents }) => cents).toSorted()).toEqual([1, 3056]);
  });
});
