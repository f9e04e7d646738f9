import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());

const SUSPEND = gql(
  'mutation($id: ID!, $suspended: Boolean!) { setBillingActionSuspended(id: $id, suspended: $suspended) { deployment { id } } }',
);
const rollUp = async (tenantId: string, force = false) =>
  (
    await app.data(
      gql(`mutation($tenantId: String, $force: Boolean) { rollUpInvoices(period: "2026-04-01", tenantId: $tenantId, force: $force) {
        created skipped replaced held { tenantId deploymentId period } } }`),
      { tenantId, force },
    )
  ).rollUpInvoices;
const invoicesOf = async (tenantId: string) =>
  (
    await app.data(
      gql(`query($tenantId: String) { invoices(filter: { tenantId: $tenantId }) { nodes { id total { cents } heldDeployments { slug }
        lines { deployment { slug } line { kind amount { cents } } } } } }`),
      { tenantId },
    )
  ).invoices.nodes;
const heldPeriods = async (id: string) =>
  present((await app.data(gql('query($id: ID!) { deployment(id: $id) { heldPeriods } }'), { id })).deployment)
    .heldPeriods;
const charge = (gatewayRequestId: string, deploymentId: string) =>
  app.data(gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'), {
    events: [
      {
        ...{ gatewayRequestId, deploymentId, occurredAt: '2026-04-10T00:00:00Z', model: 'm' },
        ...{ inputTokens: 1, outputTokens: 1, charge: '3' },
      },
    ],
  });
const subscribed = async (slug: string, tenant: string) => {
  const id = await app.createDeployment(slug, tenant);
  await app.subscribe(id, 'starter', { startsOn: '2026-04-01' });
  return id;
};

it('a deployment whose billing is suspended is left out, held and shown, and is billed once it is not', async () => {
  const [held, other] = [await subscribed('held', 'acme'), await subscribed('other', 'acme')];
  await charge('held', held);
  await app.data(SUSPEND, { id: held, suspended: true });
  const shown = { tenantId: 'acme', deploymentId: held, period: '2026-04-01' };
  expect(await rollUp('acme')).toEqual({ created: 1, skipped: 0, replaced: 0, held: [shown] });
  expect(await invoicesOf('acme')).toMatchObject([
    {
      total: { cents: 2200 },
      heldDeployments: [{ slug: 'held' }],
      lines: [{ deployment: { slug: 'other' } }, { deployment: null }],
    },
  ]);
  expect([await heldPeriods(held), await heldPeriods(other)]).toEqual([['2026-04-01'], []]);
  expect(await app.sql('select invoice_id from llm_usage_events')).toEqual([{ invoice_id: null }]);

  await app.data(SUSPEND, { id: held, suspended: false });
  expect(await rollUp('acme', true)).toEqual({ created: 0, skipped: 0, replaced: 1, held: [] });
  // 20.00 twice, 3.00 of charges, and GST.
  expect(await invoicesOf('acme')).toMatchObject([{ total: { cents: 4730 }, heldDeployments: [] }]);
  expect(await heldPeriods(held)).toEqual([]);
});

it('a tenant of which everything is held gets no invoice until it is not', async () => {
  const held = await subscribed('held', 'alone');
  await app.data(SUSPEND, { id: held, suspended: true });
  const shown = { tenantId: 'alone', deploymentId: held, period: '2026-04-01' };
  expect(await rollUp('alone')).toEqual({ created: 0, skipped: 0, replaced: 0, held: [shown] });
  expect(await invoicesOf('alone')).toEqual([]);
  expect(await heldPeriods(held)).toEqual(['2026-04-01']);
  await app.data(SUSPEND, { id: held, suspended: false });
  expect(await rollUp('alone')).toEqual({ created: 1, skipped: 0, replaced: 0, held: [] });
  expect(await heldPeriods(held)).toEqual([]);
});

it('what was issued without it stays so, and the month stays shown as held', async () => {
  const [held] = [await subscribed('held', 'issued'), await subscribed('other', 'issued')];
  await app.data(SUSPEND, { id: held, suspended: true });
  await rollUp('issued');
  const { id } = present((await invoicesOf('issued'))[0]);
  await app.data(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'), { id });
  await app.data(SUSPEND, { id: held, suspended: false });
  const shown = { tenantId: 'issued', deploymentId: held, period: '2026-04-01' };
  expect(await rollUp('issued', true)).toEqual({ created: 0, skipped: 1, replaced: 0, held: [shown] });
  expect(await invoicesOf('issued')).toMatchObject([{ total: { cents: 2200 }, heldDeployments: [{ slug: 'held' }] }]);
  const deployment = present(
    (await app.data(gql('query($id: ID!) { deployment(id: $id) { heldPeriods } }'), { id: held }, app.tenant('issued')))
      .deployment,
  );
  expect(deployment.heldPeriods).toEqual(['2026-04-01']);
});
