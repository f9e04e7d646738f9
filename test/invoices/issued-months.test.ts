import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscriptionEffect } from '../../src/core/deployments/deployment-state.js';
import { parseDay } from '../../src/core/time/period.js';
import { rejectIssuedMonths } from '../../src/services/issued-months/reject-issued-month.js';
import { applyToLiveSubscription } from '../../src/services/subscriptions/change-status.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

const SUBSCRIBE = gql(
  'mutation($id: ID!, $startsOn: Date) { subscribeDeployment(id: $id, planCode: "studio", startsOn: $startsOn) { subscription { id startsOn } } }',
);
const ATTACH = gql(
  'mutation($id: ID!, $startsOn: Date) { attachAddon(subscriptionId: $id, addonCode: "llm_1m", startsOn: $startsOn) { subscription { id } } }',
);
const PRICE = gql(
  'mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id effectiveFrom } } }',
);
const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { number status } } }');

let app: BillingApp;
let subscriptionId: string;
let free: string;
let invoice: { id: string; number: string };

/** Drafts a tenant's month and answers the draft's id. */
async function draft(tenantId: string, period: string): Promise<string> {
  await app.data(
    gql(
      'mutation($t: String, $p: Date!) { rollUpInvoices(tenantId: $t, period: $p, allowUnmetered: true) { created } }',
    ),
    {
      t: tenantId,
      p: period,
    },
  );
  const { id } = await app.row<{ id: string }>('select id from invoices where tenant_id = $1 and period = $2', [
    tenantId,
    period,
  ]);
  return id;
}

beforeAll(async () => {
  app = await startBillingApp('2026-05-10');
  subscriptionId = await app.subscribe(await app.createDeployment('app'), 'studio', { startsOn: '2026-03-01' });
  free = await app.createDeployment('free');
  const id = await draft('acme', '2026-04-01');
  const { issueInvoice } = await app.data(ISSUE, { id });
  invoice = { id, number: present(issueInvoice.invoice.number) };
});
afterAll(() => app.close());

const input = (effectiveFrom: string, changes: object = {}) => ({
  input: { kind: 'VOLUME_GB_MONTH', unit: 'gb', unitPriceCents: '9', effectiveFrom, ...changes },
});

describe('a month whose invoice is issued is closed to', () => {
  it.each([
    ['a subscription from within it', SUBSCRIBE, () => ({ id: free, startsOn: '2026-04-30' }), 'startsOn'],
    ['one from before it', SUBSCRIBE, () => ({ id: free, startsOn: '2026-03-15' }), 'startsOn'],
    ['an addon', ATTACH, () => ({ id: subscriptionId, startsOn: '2026-04-30' }), 'startsOn'],
    ['a resource price', PRICE, () => input('2026-04-30'), 'input.effectiveFrom'],
    ['a resource price from before it that would hold in it', PRICE, () => input('2026-02-01'), 'input.effectiveFrom'],
  ])('%s', async (_, query, variables, path) => {
    const before = await app.rows();
    const { body } = await app.raw(query, variables());
    const message = `Invoice ${invoice.number} for 2026-04 is issued; nothing can change in a month that is billed.`;
    expect(body.errors?.[0]).toMatchObject({
      message,
      extensions: {
        code: 'CONFLICT',
        invoiceId: invoice.id,
        invoiceNumber: invoice.number,
        period: '2026-04-01',
        fields: [{ path, message }],
      },
    });
    expect(await app.rows()).toEqual(before);
  });

  it('nothing that is outside of it', async () => {
    expect(await app.codeOf(PRICE, input('2026-05-01'))).toBeUndefined();
    expect(await app.codeOf(PRICE, input('2026-04-01', { currency: 'USD' }))).toBeUndefined();
    // A price that ends before it.
    expect(await app.codeOf(PRICE, input('2026-04-01', { kind: 'BANDWIDTH_GB' }))).toBe('CONFLICT');
    await app.sql(
      `insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from) values ('bandwidth_gb', 'gb', 1, 'AUD', '2026-03-15')`,
    );
    expect(await app.codeOf(PRICE, input('2026-03-01', { kind: 'BANDWIDTH_GB' }))).toBeUndefined();
    expect(await app.codeOf(ATTACH, { id: subscriptionId, startsOn: '2026-05-01' })).toBeUndefined();
    expect(await app.codeOf(SUBSCRIBE, { id: free, startsOn: '2026-05-01' })).toBeUndefined();
    const other = await app.createDeployment('app', 'globex');
    expect(await app.codeOf(SUBSCRIBE, { id: other, startsOn: '2026-04-15' })).toBeUndefined();
  });
});

it('a deployment that never became active keeps what was issued, and is billed for nothing else', async () => {
  const deployment = await app.createDeployment('app', 'never');
  const subscription = await app.subscribe(deployment, 'studio', { startsOn: '2026-03-15' });
  await app.sql(`update deployments set state = 'provisioning' where id = $1`, [deployment]);
  const id = await draft('never', '2026-03-01');
  await app.data(ISSUE, { id });
  await app.app.db.transaction((db) =>
    applyToLiveSubscription(db, deployment, subscriptionEffect('cancelled', 'provisioning'), parseDay('2026-05-10')),
  );
  expect(
    await app.sql('select from_day::text, until_day::text from subscription_segments where subscription_id = $1', [
      subscription,
    ]),
  ).toEqual([{ from_day: '2026-03-15', until_day: '2026-04-01' }]);
  await app.data(
    gql('mutation { rollUpInvoices(tenantId: "never", period: "2026-04-01", allowUnmetered: true) { created } }'),
  );
  expect(await app.sql(`select period::text, status from invoices where tenant_id = 'never'`)).toEqual([
    { period: '2026-03-01', status: 'issued' },
  ]);
});

it('an invoice is issued only after a change that was let into its month, and closes it for the next', async () => {
  const deployment = await app.createDeployment('app', 'race');
  await app.subscribe(deployment, 'starter', { startsOn: '2026-04-01' });
  const late = await app.createDeployment('late', 'race');
  const id = await draft('race', '2026-04-01');
  const statusOf = async () =>
    (await app.row<{ status: string }>('select status from invoices where id = $1', [id])).status;
  const isWaiting = async () => {
    const { count } = await app.row<{ count: number }>(
      `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`,
    );
    return count > 0;
  };
  let issuing: Promise<string | undefined> | undefined;
  await app.app.db.transaction(async (db) => {
    await rejectIssuedMonths(db, { tenantId: 'race', from: parseDay('2026-04-20') });
    issuing = app.codeOf(ISSUE, { id });
    while (!(await isWaiting())) await new Promise((resolve) => setImmediate(resolve));
    expect(await statusOf()).toBe('draft');
  });
  expect(await issuing).toBeUndefined();
  expect(await statusOf()).toBe('issued');
  expect(await app.codeOf(SUBSCRIBE, { id: late, startsOn: '2026-04-20' })).toBe('CONFLICT');
});
