import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { issueInvoice } from '../../src/services/invoices/change-invoice-status.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-20'));

const SUBSCRIBE = gql(
  'mutation($id: ID!) { subscribeDeployment(id: $id, planCode: "studio") { subscription { id } } }',
);
const CANCEL = gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { status } } }');
const DETACH = gql('mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { id } } }');
const ATTACH = gql(
  'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "llm_1m") { subscription { id } } }',
);
const CHANGE = gql(
  'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
);
const TRANSITION = gql(
  'mutation($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { state } } }',
);
const CREATE_VERSION = gql(
  'mutation($code: String!, $cents: SafeInt!) { createPlanVersion(input: { planCode: $code, basePriceCents: $cents, items: [] }) { planVersion { id version } } }',
);
const PUBLISH = gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { status } } }');
const ROLL_UP = gql(`mutation($tenantId: String, $force: Boolean) {
  rollUpInvoices(period: "2026-05-01", tenantId: $tenantId, force: $force) { created skipped replaced failed { reason } } }`);
const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { number } } }');
const VOID = gql('mutation($id: ID!) { voidInvoice(id: $id, reason: "wrong") { invoice { status } } }');
const PAY = gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { status } } }');

/** How often each outcome came, of the same operations all sent at once. */
async function tally(
  asks: readonly (readonly [query: AnyDocument, variables: object])[],
): Promise<Record<string, number>> {
  const codes = await Promise.all(asks.map(([query, variables]) => app.codeOf(query, variables)));
  const sums: Record<string, number> = {};
  for (const code of codes) sums[code ?? 'OK'] = (sums[code ?? 'OK'] ?? 0) + 1;
  return sums;
}
const times = (count: number, query: AnyDocument, variables: object) =>
  Array.from({ length: count }, () => [query, variables] as const);

describe('sent eight times at once,', () => {
  it('a subscription is made once', async () => {
    const id = await app.createDeployment('subscribes');
    expect(await tally(times(8, SUBSCRIBE, { id }))).toEqual({ OK: 1, CONFLICT: 7 });
    expect(
      await app.sql(
        `select count(distinct s.id)::int as subscriptions, count(*)::int as segments from subscriptions s
         join subscription_segments g on g.subscription_id = s.id where deployment_id = $1`,
        [id],
      ),
    ).toEqual([{ subscriptions: 1, segments: 1 }]);
  });

  it('the end of a subscription, and of an addon, comes once', async () => {
    const id = await app.subscribe(await app.createDeployment('ends'), 'studio', { addons: ['llm_1m'] });
    const addon = await app.row('select id from subscription_addons where subscription_id = $1', [id]);
    expect(await tally(times(8, DETACH, { id: addon.id }))).toEqual({ OK: 1, CONFLICT: 7 });
    expect(await tally(times(8, CANCEL, { id }))).toEqual({ OK: 1, CONFLICT: 7 });
  });

  it('a deployment is made, and moves along an edge, once', async () => {
    const create = gql(
      'mutation { createDeployment(input: { slug: "once", displayName: "Once" }) { deployment { id } } }',
    );
    expect(await tally(times(8, create, {}))).toEqual({ OK: 1, CONFLICT: 7 });
    const { id } = await app.row<{ id: string }>(`select id from deployments where slug = 'once'`);
    expect(await tally(times(8, TRANSITION, { id, to: 'PAUSED' }))).toEqual({ OK: 1, INVALID_TRANSITION: 7 });
    const events = await app.sql('select to_state from deployment_events where deployment_id = $1 order by id', [id]);
    expect(events.map((event) => event.to_state)).toEqual(['active', 'paused']);
  });

  it('drafts are numbered without a gap, and one is published once', async () => {
    await app.data(gql('mutation { createPlan(input: { code: "busy", name: "Busy" }) { plan { id } } }'));
    expect(await tally(times(8, CREATE_VERSION, { code: 'busy', cents: 1 }))).toEqual({ OK: 8 });
    const versions = await app.sql<{ id: string; version: number }>(
      `select v.id, version from plan_versions v join plans p on p.id = plan_id where code = 'busy' order by version`,
    );
    expect(versions.map((row) => row.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await tally(times(8, PUBLISH, { id: present(versions[0]).id }))).toEqual({ OK: 1, CONFLICT: 7 });
    expect(await tally(versions.slice(1).map(({ id }) => [PUBLISH, { id }] as const))).toEqual({ OK: 7 });
    expect(
      await app.sql(
        `select status, count(*)::int as count from plan_versions v join plans p on p.id = plan_id where code = 'busy' group by 1 order by 1`,
      ),
    ).toEqual([
      { status: 'active', count: 1 },
      { status: 'retired', count: 7 },
    ]);
  });
});

it('everything that may happen to a subscription at once leaves days that are billed at most once', async () => {
  const id = await app.createDeployment('storm', 'storm');
  const subscription = await app.subscribe(id, 'studio', { startsOn: '2026-05-01' });
  const versions = (
    await app.sql<{ id: string }>(`select id from plan_versions where status = 'active' and currency = 'AUD'`)
  ).map((row) => row.id);
  const BACKDATE = gql(
    'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "llm_1m", startsOn: "2026-05-12") { subscription { id } } }',
  );
  for (const day of ['2026-05-05', '2026-05-06', '2026-05-09', '2026-05-09', '2026-05-20', '2026-06-01']) {
    app.setTime(day);
    const outcomes = await tally([
      ...versions.map((version) => [CHANGE, { id: subscription, version }] as const),
      ...times(2, TRANSITION, { id, to: 'PAUSED' }),
      ...times(2, TRANSITION, { id, to: 'ACTIVE' }),
      ...times(2, ATTACH, { id: subscription }),
      ...times(2, BACKDATE, { id: subscription }),
      ...times(2, ROLL_UP, { tenantId: 'storm', force: true }),
    ]);
    expect(outcomes).not.toHaveProperty('INTERNAL_SERVER_ERROR');
  }
  const overlaps = await app.sql(
    `select one.from_day, other.from_day from subscription_segments one join subscription_segments other
       on one.subscription_id = other.subscription_id and one.id < other.id
       and greatest(one.from_day, other.from_day) < least(coalesce(one.until_day, 'infinity'), coalesce(other.until_day, 'infinity'))
     where one.subscription_id = $1`,
    [subscription],
  );
  expect(overlaps).toEqual([]);
  const { status, open } = await app.row<{ status: string; open: unknown }>(
    `select status, (select count(*)::int from subscription_segments where subscription_id = $1 and until_day is null) as open
     from subscriptions where id = $1`,
    [subscription],
  );
  expect([status, open]).toEqual(status === 'active' ? ['active', 1] : ['paused', 0]);
  const { rollUpInvoices } = await app.data(ROLL_UP, { tenantId: 'storm', force: true });
  expect(rollUpInvoices).toMatchObject({ created: 0, replaced: 1, failed: [] });
});

it('an addon that is backdated during a rollup is billed as before or as after, never in between', async () => {
  app.setTime('2026-06-01');
  const tenants = Array.from({ length: 12 }, (_, n) => `backdated-${n}`);
  const subscriptions = await Promise.all(
    tenants.map(async (tenant) =>
      app.subscribe(await app.createDeployment('app', tenant), 'studio', { startsOn: '2026-05-01' }),
    ),
  );
  const BACKDATE = gql(
    'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "llm_1m", startsOn: "2026-05-12") { subscription { id } } }',
  );
  await tally([[ROLL_UP, {}], ...subscriptions.map((id) => [BACKDATE, { id }] as const), [ROLL_UP, { force: true }]]);
  const totals = await app.sql(
    `select distinct subtotal_cents::int as cents from invoices where tenant_id like 'backdated-%'`,
  );
  // 50.00, and 20 of 31 days of an addon of 8.00.
  for (const { cents } of totals) expect([5000, 5000 + 516]).toContain(cents);
  await app.data(ROLL_UP, { force: true });
  expect(
    await app.sql(`select distinct subtotal_cents::int as cents from invoices where tenant_id like 'backdated-%'`),
  ).toEqual([{ cents: 5516 }]);
});

describe('invoices', () => {
  beforeEach(() => app.setTime('2026-06-01'));
  const draft = async (tenantId: string) => {
    await app.subscribe(await app.createDeployment('app', tenantId), 'starter', { startsOn: '2026-05-01' });
    await app.data(ROLL_UP, { tenantId });
    return (await app.row<{ id: string }>('select id from invoices where tenant_id = $1', [tenantId])).id as string;
  };
  const numbers = async () =>
    (await app.sql(`select number from invoices where number is not null order by number`)).map((row) => row.number);
  const gapless = (count: number) => Array.from({ length: count }, (_, n) => `2026-${String(n + 1).padStart(6, '0')}`);

  it('issued at once among rollbacks, voids and rollups have numbers without a gap', async () => {
    const drafts: string[] = [];
    for (let n = 0; n < 24; n++) drafts.push(await draft(`numbers-${n}`));
    const rolledBack = (id: string) =>
      app.app.db
        .transaction(async (db) => {
          await issueInvoice({ db: db as never, clock: app.app.clock }, id);
          throw new Error('the caller changed its mind');
        })
        .catch((error: Error) => error.message);
    const all = await Promise.all([
      ...drafts.slice(0, 16).map((id) => app.codeOf(ISSUE, { id })),
      ...drafts.slice(8, 24).map((id) => rolledBack(id)),
      ...drafts.slice(18, 20).map((id) => app.codeOf(VOID, { id })),
      app.codeOf(ROLL_UP, { force: true }),
    ]);
    expect(all.slice(0, 16)).toEqual(Array(16).fill(undefined));
    expect(await numbers()).toEqual(gapless(16));
    await Promise.all(drafts.slice(16).map((id) => app.codeOf(ISSUE, { id })));
    expect(await numbers()).toEqual(gapless(22));
    expect(await app.sql('select year, last_number from invoice_numbers')).toEqual([{ year: 2026, last_number: 22 }]);
  });

  it('begin anew each year', async () => {
    const id = await draft('new-year');
    app.setTime('2027-01-01T00:00:00Z');
    expect(await app.data(ISSUE, { id })).toEqual({ issueInvoice: { invoice: { number: '2027-000001' } } });
    app.setTime('2026-12-31T23:59:59Z');
    expect((await app.data(ISSUE, { id: await draft('old-year') })).issueInvoice.invoice.number).toBe('2026-000023');
  });

  it('are issued once, and then either paid or void', async () => {
    const id = await draft('settles');
    expect(await tally(times(8, ISSUE, { id }))).toEqual({ OK: 1, CONFLICT: 7 });
    expect(await tally([...times(4, PAY, { id }), ...times(4, VOID, { id })])).toEqual({ OK: 1, CONFLICT: 7 });
    const invoice = await app.row('select status, paid_at, voided_at, void_reason from invoices where id = $1', [id]);
    expect([invoice.status === 'paid', invoice.paid_at !== null]).toEqual([
      invoice.voided_at === null,
      invoice.void_reason === null,
    ]);
  });

  it('that are issued while they are drafted anew keep what they were issued with', async () => {
    for (let n = 0; n < 6; n++) {
      const id = await draft(`races-${n}`);
      const asks = [...times(3, ROLL_UP, { tenantId: `races-${n}`, force: true }), [ISSUE, { id }] as const];
      expect(await tally(asks)).toEqual({ OK: 4 });
      const invoice = await app.row(
        `select status, total_cents::int as total, (select sum(amount_cents)::int from invoice_lines where invoice_id = $1) as lines
         from invoices where id = $1`,
        [id],
      );
      expect(invoice).toEqual({ status: 'issued', total: 2200, lines: 2200 });
    }
  });
});
