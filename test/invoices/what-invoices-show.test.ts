import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());

const INVOICE =
  gql(`query($tenantId: String!) { invoices(filter: { tenantId: $tenantId }) { nodes { id number status timeZone
  unpriced { deployment { slug } kind quantity } lines { deploymentSlug deploymentName line { kind } } } } }`);
const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id number status issuedAt } } }');
const rollUp = (force = false) =>
  app.data(
    gql(
      'mutation($force: Boolean) { rollUpInvoices(period: "2026-04-01", force: $force, allowUnmetered: true) { created } }',
    ),
    { force },
  );
const invoiceOf = async (tenantId: string) => (await app.data(INVOICE, { tenantId })).invoices.nodes[0];
const issue = async (id: string) => (await app.data(ISSUE, { id })).issueInvoice.invoice;

it('names the zone of its days, the deployment of each line, and usage that has no price', async () => {
  const deployment = await app.createDeployment('shop', 'acme');
  await app.subscribe(deployment, 'starter', { startsOn: '2026-04-01' });
  await app.sql(
    `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     values ($1, gen_random_uuid(), 'llm_tokens', 'daily', '2026-04-10T00:00:00Z', 1234.5)`,
    [deployment],
  );
  await rollUp();
  const unpriced = [{ deployment: { slug: 'shop' }, kind: 'LLM_TOKENS', quantity: '1234.5' }];
  const draft = present(await invoiceOf('acme'));
  expect(draft).toMatchObject({
    timeZone: 'UTC',
    unpriced,
    lines: [
      { deploymentSlug: 'shop', deploymentName: 'shop', line: { kind: 'PLAN_BASE' } },
      { deploymentSlug: null, deploymentName: null, line: { kind: 'TAX' } },
    ],
  });
  await issue(draft.id);
  await app.sql(`update deployments set display_name = 'Renamed' where id = $1`, [deployment]);
  expect(present(present(await invoiceOf('acme')).lines[0]).deploymentName).toBe('shop');
  const change = `update invoices set status = 'paid', paid_at = now(), unpriced = '[]' where id = $1`;
  await expect(app.sql(change, [draft.id])).rejects.toThrow('is issued and cannot change');
  const { invoices } = await app.data(
    gql('{ invoices { nodes { unpriced { kind quantity deployment { slug } } } } }'),
    {},
    app.tenant('acme'),
  );
  expect(invoices.nodes).toEqual([{ unpriced }]);
});

it('takes no number if it is over nothing, so that numbers have no gap', async () => {
  await app.data(gql('mutation { createPlan(input: { code: "free", name: "Free" }) { plan { id } } }'));
  const { createPlanVersion } = await app.data(
    gql(
      'mutation { createPlanVersion(input: { planCode: "free", basePriceCents: 0, items: [] }) { planVersion { id } } }',
    ),
  );
  await app.data(
    gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'),
    createPlanVersion.planVersion,
  );
  for (const [tenant, plan] of [
    ['free', 'free'],
    ['paying', 'starter'],
  ] as const) {
    await app.subscribe(await app.createDeployment('app', tenant), plan, { startsOn: '2026-04-01' });
  }
  await rollUp();
  const [free, paying] = [await invoiceOf('free'), await invoiceOf('paying')];
  const before = Number(present(present(await invoiceOf('acme')).number).slice(5));
  expect(await issue(present(free).id)).toEqual({
    id: present(free).id,
    number: null,
    status: 'ISSUED',
    issuedAt: '2026-05-01T03:00:00.000Z',
  });
  expect(await issue(present(paying).id)).toMatchObject({ number: `2026-${String(before + 1).padStart(6, '0')}` });
  const PAY = gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { status number } } }');
  expect((await app.data(PAY, { id: present(free).id })).markInvoicePaid.invoice).toEqual({
    status: 'PAID',
    number: null,
  });
});
