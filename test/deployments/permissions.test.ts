import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'type-graphql';
import { PlanResolver, PlanVersionResolver } from '../../src/resolvers/catalog/catalog.resolver.js';
import { DeploymentResolver } from '../../src/resolvers/deployments/deployment.resolver.js';
import { PlanSubscriptionResolver } from '../../src/resolvers/deployments/subscription.resolver.js';
import { InvoiceResolver } from '../../src/resolvers/invoices/invoice.resolver.js';
import { MeteringResolver } from '../../src/resolvers/metering/metering.resolver.js';
import { tokenOf } from '../support/app.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { postRaw } from '../support/graphql.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';

const AREA: unknown[] = [
  ...[PlanResolver, PlanVersionResolver, DeploymentResolver],
  ...[PlanSubscriptionResolver, MeteringResolver, InvoiceResolver],
];

/** `owner` is a member of the tenant that what is asked for belongs to, `namesake` one of a tenant that is called as the operators' role. */
const CALLERS = {
  nobody: undefined,
  impostor: 'not a token',
  gateway: tokenOf('acme', ['llm-gateway']),
  namesake: tokenOf('platform-admin', ['member', 'platform_admin', 'admin']),
  other: tokenOf('globex', ['member']),
  owner: tokenOf('acme', ['member']),
  operator: tokenOf('ops', ['platform-admin']),
} as const;
type Caller = keyof typeof CALLERS;

const OK = undefined;
const unknown = { nobody: 'UNAUTHENTICATED', impostor: 'UNAUTHENTICATED' };
const operators = {
  ...unknown,
  gateway: 'FORBIDDEN',
  namesake: 'FORBIDDEN',
  other: 'FORBIDDEN',
  owner: 'FORBIDDEN',
  operator: OK,
};
/** Another tenant's row looks like none. */
const itsTenant = { ...operators, namesake: 'NOT_FOUND', other: 'NOT_FOUND', owner: OK };
const usageWriters = { ...operators, gateway: OK };
type Answers = Readonly<Record<Caller, string | undefined>>;

interface Row {
  readonly field: string;
  readonly answers: Answers;
  readonly query: AnyDocument;
  /** Made anew for every caller that may, so that each finds the same state. */
  readonly variables?: () => Promise<object>;
}

let app: BillingApp;
let made = 0;
const fresh = () => `n${++made}`;
const deployment = async () => ({ id: await app.createDeployment(fresh()) });
const subscription = async () => ({ id: await app.subscribe((await deployment()).id, 'studio') });
const subscriptionAddon = async () => {
  const id = await app.subscribe((await deployment()).id, 'studio', { addons: ['llm_1m'] });
  return {
    id: (await app.row<{ id: string }>('select id from subscription_addons where subscription_id = $1', [id])).id,
  };
};
const draftVersion = async () => {
  const code = fresh();
  await app.data(gql('mutation($code: String!) { createPlan(input: { code: $code, name: $code }) { plan { id } } }'), {
    code,
  });
  const { createPlanVersion } = await app.data(
    gql(
      'mutation($code: String!) { createPlanVersion(input: { planCode: $code, basePriceCents: 1, items: [] }) { planVersion { id } } }',
    ),
    { code },
  );
  return { id: createPlanVersion.planVersion.id };
};
const studioVersion = async () =>
  present(present((await app.data(gql('{ plan(code: "studio") { activeVersion { id } } }'))).plan).activeVersion).id;
const draftInvoice = async () => {
  const tenantId = fresh();
  await app.subscribe(await app.createDeployment('app', tenantId), 'starter', { startsOn: '2026-04-01' });
  await app.data(
    gql(
      'mutation($t: String) { rollUpInvoices(period: "2026-04-01", tenantId: $t, allowUnmetered: true) { created } }',
    ),
    {
      t: tenantId,
    },
  );
  return { id: (await app.row<{ id: string }>('select id from invoices where tenant_id = $1', [tenantId])).id };
};
const issuedInvoice = async () => {
  const { id } = await draftInvoice();
  await app.data(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'), { id });
  return { id };
};
const resource = async () => {
  const { id } = await deployment();
  return { id: await app.addResource(id, { kind: 'droplet', name: 'web' }), deploymentId: id };
};
const usageEvent = async () => ({ deploymentId: (await deployment()).id, request: fresh() });

const MUTATIONS: Row[] = [
  {
    field: 'createPlan',
    answers: operators,
    query: gql('mutation($code: String!) { createPlan(input: { code: $code, name: "A" }) { plan { id } } }'),
    variables: async () => ({ code: fresh() }),
  },
  {
    field: 'createPlanVersion',
    answers: operators,
    query: gql(
      'mutation { createPlanVersion(input: { planCode: "pro", basePriceCents: 1, items: [] }) { planVersion { id } } }',
    ),
  },
  {
    field: 'publishPlanVersion',
    answers: operators,
    query: gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'),
    variables: draftVersion,
  },
  {
    field: 'createAddon',
    answers: operators,
    query: gql(
      'mutation($code: String!) { createAddon(input: { code: $code, name: "A", kind: DNS_ZONES, quantity: "1", priceCents: 1 }) { addon { id } } }',
    ),
    variables: async () => ({ code: fresh() }),
  },
  {
    field: 'setResourcePrice',
    answers: operators,
    query: gql(
      'mutation { setResourcePrice(input: { kind: BANDWIDTH_GB, unit: "gb", unitPriceCents: "1", effectiveFrom: "2026-06-01" }) { resourcePrice { id } } }',
    ),
  },
  {
    field: 'createDeployment',
    // A tenant's own; what of another tenant is asked for stands among the operator's arguments below.
    answers: { ...operators, namesake: OK, other: OK, owner: OK },
    query: gql(
      'mutation($slug: String!) { createDeployment(input: { slug: $slug, displayName: "A" }) { deployment { id } } }',
    ),
    variables: async () => ({ slug: fresh() }),
  },
  {
    field: 'transitionDeployment',
    answers: itsTenant,
    query: gql('mutation($id: ID!) { transitionDeployment(id: $id, to: PAUSED) { deployment { id } } }'),
    variables: deployment,
  },
  {
    field: 'setBillingActionSuspended',
    answers: operators,
    query: gql('mutation($id: ID!) { setBillingActionSuspended(id: $id, suspended: true) { deployment { id } } }'),
    variables: deployment,
  },
  {
    field: 'assignResource',
    answers: operators,
    query: gql('mutation($id: ID!) { assignResource(id: $id) { resource { id } } }'),
    variables: resource,
  },
  {
    field: 'subscribeDeployment',
    answers: itsTenant,
    query: gql('mutation($id: ID!) { subscribeDeployment(id: $id, planCode: "studio") { subscription { id } } }'),
    variables: deployment,
  },
  {
    field: 'startTrial',
    answers: operators,
    query: gql(
      'mutation($id: ID!) { startTrial(id: $id, planCode: "studio", endsOn: "2026-06-10") { subscription { id } } }',
    ),
    variables: deployment,
  },
  {
    field: 'attachAddon',
    answers: itsTenant,
    query: gql('mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "llm_1m") { subscription { id } } }'),
    variables: subscription,
  },
  {
    field: 'detachAddon',
    answers: itsTenant,
    query: gql('mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { id } } }'),
    variables: subscriptionAddon,
  },
  {
    field: 'changePlanVersion',
    answers: operators,
    query: gql(
      'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
    ),
    variables: async () => ({ ...(await subscription()), version: await studioVersion() }),
  },
  {
    field: 'cancelSubscription',
    answers: itsTenant,
    query: gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }'),
    variables: subscription,
  },
  {
    field: 'setMeteringConfig',
    answers: operators,
    query: gql(
      'mutation { setMeteringConfig(input: { kind: DNS_ZONES, granularity: DAILY, retentionDays: 9 }) { config { kind } } }',
    ),
  },
  {
    field: 'meterUsage',
    answers: operators,
    query: gql('mutation { meterUsage(day: "2026-05-19") { recordCount } }'),
  },
  {
    field: 'recordLlmUsage',
    answers: usageWriters,
    query:
      gql(`mutation($deploymentId: ID!, $request: String!) { recordLlmUsage(events: [{ gatewayRequestId: $request, deploymentId: $deploymentId,
      occurredAt: "2026-05-19T00:00:00Z", model: "m", inputTokens: 1, outputTokens: 1, charge: "1" }]) { results { outcome } } }`),
    variables: usageEvent,
  },
  {
    field: 'rollUpInvoices',
    answers: operators,
    query: gql('mutation { rollUpInvoices(period: "2026-04-01", allowUnmetered: true) { created } }'),
  },
  {
    field: 'issueInvoice',
    answers: operators,
    query: gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'),
    variables: draftInvoice,
  },
  {
    field: 'markInvoicePaid',
    answers: operators,
    query: gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { id } } }'),
    variables: issuedInvoice,
  },
  {
    field: 'voidInvoice',
    answers: operators,
    query: gql('mutation($id: ID!) { voidInvoice(id: $id, reason: "no") { invoice { id } } }'),
    variables: issuedInvoice,
  },
];

/** Fields and arguments that the contract marks as the operator's, and what shows a tenant its own alone. */
const READS: Row[] = [
  { field: 'Plan.versions', answers: operators, query: gql('{ plans { versions { id } } }') },
  {
    field: 'PlanVersion.subscriberCount',
    answers: operators,
    query: gql('{ plans { activeVersion { subscriberCount } } }'),
  },
  { field: 'meteringConfig', answers: operators, query: gql('{ meteringConfig { kind } }') },
  {
    field: 'quote(planVersionId)',
    answers: operators,
    query: gql('query($id: ID!) { quote(input: { planCode: "studio", planVersionId: $id }) { prorationFraction } }'),
    variables: async () => ({ id: await studioVersion() }),
  },
  {
    field: 'deployments(tenantId)',
    answers: operators,
    query: gql('{ deployments(filter: { tenantId: "acme" }) { totalCount } }'),
  },
  {
    field: 'invoices(tenantId)',
    answers: operators,
    query: gql('{ invoices(filter: { tenantId: "acme" }) { totalCount } }'),
  },
  {
    field: 'usageRecords',
    answers: { ...itsTenant, gateway: OK },
    query: gql(
      'query($id: ID!) { usageRecords(deploymentId: $id, from: "2026-05-01", to: "2026-05-02") { totalCount } }',
    ),
    variables: deployment,
  },
  {
    field: 'createDeployment(tenantId)',
    answers: { ...operators, owner: OK },
    query: gql(
      'mutation($slug: String!) { createDeployment(input: { slug: $slug, displayName: "A", tenantId: "acme" }) { deployment { id } } }',
    ),
    variables: async () => ({ slug: fresh() }),
  },
  {
    field: 'subscribeDeployment(startsOn before today)',
    answers: { ...itsTenant, owner: 'FORBIDDEN' },
    query: gql(
      'mutation($id: ID!) { subscribeDeployment(id: $id, planCode: "studio", startsOn: "2026-05-19") { subscription { id } } }',
    ),
    variables: deployment,
  },
];

beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());

it('the table has every mutation of the area', () => {
  const { mutations } = getMetadataStorage();
  const names = mutations.filter(({ target }) => AREA.includes(target)).map(({ schemaName }) => schemaName);
  expect(MUTATIONS.map(({ field }) => field).toSorted()).toEqual(names.toSorted());
});

const MUTATION = Object.fromEntries(MUTATIONS.map((row) => [row.field, row]));
/** What the audit says of the last so many of a mutation, oldest first. */
const outcomes = async (mutation: string, count: number) =>
  (await app.sql('select outcome from audit_entries where mutation = $1 order by id desc limit $2', [mutation, count]))
    .map(({ outcome }) => outcome)
    .toReversed();

describe.each([...MUTATIONS, ...READS])('$field', ({ field, answers, query, variables }) => {
  const callers = Object.keys(CALLERS) as Caller[];
  const ask = async (caller: Caller, values: object) => {
    const { body } = await postRaw(app.url, query.source, values, CALLERS[caller]);
    return body.errors?.[0]?.extensions['code'];
  };
  const rejected = callers.filter((caller) => answers[caller] !== OK);
  const allowed = callers.filter((caller) => answers[caller] === OK);

  it(`is refused to ${rejected.join(', ')}, and nothing changes`, async () => {
    const values = (await variables?.()) ?? {};
    const before = await app.rows();
    const codes: Partial<Answers> = {};
    for (const caller of rejected) Object.assign(codes, { [caller]: await ask(caller, values) });
    expect(codes).toEqual(Object.fromEntries(rejected.map((caller) => [caller, answers[caller]])));
    expect(await app.rows()).toEqual(before);
    const audited = rejected.filter((caller) => field in MUTATION && CALLERS[caller] && caller !== 'impostor');
    expect(await outcomes(field, audited.length)).toEqual(audited.map((caller) => answers[caller]));
  });

  it(`is done for ${allowed.join(', ')}`, async () => {
    const audited = field in MUTATION ? allowed : [];
    for (const caller of allowed)
      expect([caller, await ask(caller, (await variables?.()) ?? {})]).toEqual([caller, OK]);
    expect(await outcomes(field, audited.length)).toEqual(audited.map(() => 'OK'));
  });
});

it('another tenant’s rows are none in every read, and its own are there', async () => {
  const { id } = await deployment();
  const sub = await app.subscribe(id, 'studio', { startsOn: '2026-04-01' });
  await app.data(
    gql('mutation { rollUpInvoices(period: "2026-04-01", tenantId: "acme", allowUnmetered: true) { created } }'),
  );
  const invoice = await app.row<{ id: string }>(`select id from invoices where tenant_id = 'acme'`);
  const query =
    gql(`query($id: ID!, $invoice: ID!) { deployment(id: $id) { subscription { id } invoiceLines(period: "2026-04-01") { line { kind } } }
    invoice(id: $invoice) { id lines { deployment { id } } } deployments(first: 200) { nodes { id } } invoices(first: 200) { nodes { id } } }`);
  const own = await app.data(query, { id, invoice: invoice.id }, CALLERS.owner);
  expect(own.deployment).toEqual({ subscription: { id: sub }, invoiceLines: [{ line: { kind: 'PLAN_BASE' } }] });
  expect(present(own.invoice).lines.map((line) => line.deployment?.id ?? null)).toContain(id);
  expect(own.deployments.nodes).toContainEqual({ id });
  expect(own.invoices.nodes).toEqual([{ id: invoice.id }]);
  const foreign = await app.data(query, { id, invoice: invoice.id }, CALLERS.other);
  expect([foreign.deployment, foreign.invoice, foreign.invoices.nodes]).toEqual([null, null, []]);
  expect(foreign.deployments.nodes).not.toContainEqual({ id });
});
