import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { PlanItemInput } from '../support/graphql.generated.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';

let app: BillingApp;
/** Ids of what there is to act on. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  ids['deployment'] = await app.createDeployment('app');
  ids['free'] = await app.createDeployment('free');
  ids['subscription'] = await app.subscribe(ids['deployment'], 'studio', { startsOn: '2026-04-01' });
  const item: PlanItemInput = { kind: 'DNS_ZONES', includedQuantity: '1', overageUnit: 'zone' };
  await app.data(gql('mutation { createPlan(input: { code: "dollars", name: "Dollars" }) { plan { id } } }'));
  const { createPlanVersion } = await app.data(
    gql(`mutation($item: PlanItemInput!) { createPlanVersion(input: { planCode: "dollars", basePriceCents: 100, currency: USD, items: [$item] }) {
      planVersion { id } } }`),
    { item },
  );
  ids['usd'] = createPlanVersion.planVersion.id;
  await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id: ids['usd'] });
  await app.data(
    gql(
      'mutation { createAddon(input: { code: "usd", name: "USD", kind: DNS_ZONES, quantity: "1", priceCents: 1, currency: USD }) { addon { id } } }',
    ),
  );
  await app.data(gql('mutation { rollUpInvoices(period: "2026-04-01") { created } }'));
  const { invoices } = await app.data(gql('{ invoices { nodes { id } } }'));
  ids['invoice'] = present(invoices.nodes[0]).id;
});
afterAll(() => app.close());

const CREATE_PLAN = gql('mutation($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }');
const CREATE_VERSION = gql(
  'mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }',
);
const CREATE_ADDON = gql('mutation($input: CreateAddonInput!) { createAddon(input: $input) { addon { id } } }');
const SET_PRICE = gql(
  'mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }',
);
const QUOTE = gql('query($input: QuoteInput!) { quote(input: $input) { prorationFraction } }');
const CREATE_DEPLOYMENT = gql(
  'mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }',
);
const TRANSITION = gql(
  'mutation($id: ID!, $to: DeploymentState!, $reason: String) { transitionDeployment(id: $id, to: $to, reason: $reason) { deployment { id } } }',
);
const SUBSCRIBE = gql(`mutation($id: ID!, $planCode: String!, $addons: [String!]! = [], $startsOn: Date) {
  subscribeDeployment(id: $id, planCode: $planCode, addons: $addons, startsOn: $startsOn) { subscription { id } } }`);
const ATTACH = gql(`mutation($id: ID!, $addonCode: String!, $startsOn: Date) {
  attachAddon(subscriptionId: $id, addonCode: $addonCode, startsOn: $startsOn) { subscription { id } } }`);
const CHANGE = gql(
  'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
);
const SET_METERING = gql(
  'mutation($input: MeteringConfigInput!) { setMeteringConfig(input: $input) { config { kind } } }',
);
const METER = gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }');
const ROLL_UP = gql('mutation($period: Date!) { rollUpInvoices(period: $period) { created } }');
const PAY = gql('mutation($id: ID!, $at: DateTime) { markInvoicePaid(id: $id, paidAt: $at) { invoice { id } } }');
const VOID = gql('mutation($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { invoice { id } } }');
const PRICES = gql('query($on: Date) { resourcePrices(on: $on) { id } }');
const USAGE = gql(
  'query($id: ID!, $from: Date!, $to: Date!) { deployment(id: $id) { usage(from: $from, to: $to) { kind } } }',
);
const RECORDS = gql(
  'query($id: ID!, $from: Date!, $to: Date!) { usageRecords(deploymentId: $id, from: $from, to: $to) { totalCount } }',
);
const LINES = gql('query($id: ID!, $period: Date!) { deployment(id: $id) { invoiceLines(period: $period) { id } } }');
const INVOICES = gql('query($filter: InvoiceFilter) { invoices(filter: $filter) { totalCount } }');

const long = (length: number) => 'x'.repeat(length);
const plan = (input: object) => ({ input: { code: 'new', name: 'New', ...input } });
const item = (changes: object) => ({
  input: {
    planCode: 'studio',
    basePriceCents: 100,
    items: [{ kind: 'DNS_ZONES', includedQuantity: '1', overageUnit: 'zone', ...changes }],
  },
});
const addon = (changes: object) => ({
  input: { code: 'new', name: 'New', kind: 'DNS_ZONES', quantity: '1', priceCents: 1, ...changes },
});
const price = (changes: object) => ({
  input: { kind: 'DNS_ZONES', unit: 'zone', unitPriceCents: '1', effectiveFrom: '2026-06-01', ...changes },
});
const deployment = (changes: object) => ({ input: { slug: 'new', displayName: 'New', ...changes } });
const quoteOf = (changes: object) => ({ input: { planCode: 'studio', ...changes } });
const usageOf = (quantity: string) => quoteOf({ projectedUsage: [{ kind: 'DNS_ZONES', quantity }] });

const cases: [what: string, operation: AnyDocument, variables: () => object, path: string][] = [
  ['a plan code that is empty', CREATE_PLAN, () => plan({ code: '' }), 'input.code'],
  ['a plan code of letters from elsewhere', CREATE_PLAN, () => plan({ code: 'größe' }), 'input.code'],
  ['a plan code with a capital', CREATE_PLAN, () => plan({ code: 'New' }), 'input.code'],
  ['a plan code of 64 characters', CREATE_PLAN, () => plan({ code: long(64) }), 'input.code'],
  ['a plan name of blanks', CREATE_PLAN, () => plan({ name: '  ' }), 'input.name'],
  ['a plan name of 201 characters', CREATE_PLAN, () => plan({ name: long(201) }), 'input.name'],
  ['a plan description that is a book', CREATE_PLAN, () => plan({ description: long(2001) }), 'input.description'],
  ['a plan name with a zero character', CREATE_PLAN, () => plan({ name: 'a\0b' }), 'input.name'],

  [
    'a version of no plan',
    CREATE_VERSION,
    () => ({ input: { planCode: 'nope', basePriceCents: 1, items: [] } }),
    'input.planCode',
  ],
  [
    'a price below zero',
    CREATE_VERSION,
    () => ({ input: { planCode: 'studio', basePriceCents: -1, items: [] } }),
    'input.basePriceCents',
  ],
  [
    'a price past counting',
    CREATE_VERSION,
    () => ({ input: { planCode: 'studio', basePriceCents: 1_000_000_000_001, items: [] } }),
    'input.basePriceCents',
  ],
  [
    'an included quantity below zero',
    CREATE_VERSION,
    () => item({ includedQuantity: '-1' }),
    'input.items.0.includedQuantity',
  ],
  [
    'an included quantity of 13 digits',
    CREATE_VERSION,
    () => item({ includedQuantity: '1000000000000' }),
    'input.items.0.includedQuantity',
  ],
  [
    'an overage price below zero',
    CREATE_VERSION,
    () => item({ overagePriceCents: '-0.1' }),
    'input.items.0.overagePriceCents',
  ],
  [
    'an overage price finer than 10^-12',
    CREATE_VERSION,
    () => item({ overagePriceCents: '0.0000000000001' }),
    'input.items.0.overagePriceCents',
  ],
  ['a cap below zero', CREATE_VERSION, () => item({ hardCapQuantity: '-5' }), 'input.items.0.hardCapQuantity'],
  ['another kind’s unit', CREATE_VERSION, () => item({ overageUnit: 'hour' }), 'input.items.0.overageUnit'],
  [
    'a unit that objects have by birth',
    CREATE_VERSION,
    () => item({ overageUnit: 'constructor' }),
    'input.items.0.overageUnit',
  ],

  ['an addon code that is empty', CREATE_ADDON, () => addon({ code: '' }), 'input.code'],
  ['an addon without a name', CREATE_ADDON, () => addon({ name: '' }), 'input.name'],
  ['an addon of less than nothing', CREATE_ADDON, () => addon({ quantity: '-1' }), 'input.quantity'],
  ['an addon price below zero', CREATE_ADDON, () => addon({ priceCents: -1 }), 'input.priceCents'],

  ['a resource price below zero', SET_PRICE, () => price({ unitPriceCents: '-1' }), 'input.unitPriceCents'],
  ['a resource price in another unit', SET_PRICE, () => price({ unit: '' }), 'input.unit'],
  [
    'a resource price from the year 9999',
    SET_PRICE,
    () => price({ effectiveFrom: '9999-01-01' }),
    'input.effectiveFrom',
  ],
  ['a resource price from the year 0', SET_PRICE, () => price({ effectiveFrom: '0000-01-01' }), 'input.effectiveFrom'],
  ['resource prices of the year 0', PRICES, () => ({ on: '0000-01-01' }), 'on'],

  ['a quote of no plan', QUOTE, () => quoteOf({ planCode: '' }), 'input.planCode'],
  ['a quote of a draft of another plan', QUOTE, () => quoteOf({ planVersionId: ids['usd'] }), 'input.planVersionId'],
  ['a quote with an unknown addon', QUOTE, () => quoteOf({ addons: ['storage_50gb', ''] }), 'input.addons.1'],
  ['a quote with an addon of another currency', QUOTE, () => quoteOf({ addons: ['usd'] }), 'input.addons'],
  ['a quote with 101 addons', QUOTE, () => quoteOf({ addons: Array(101).fill('llm_1m') }), 'input.addons'],
  ['a quote of less than no usage', QUOTE, () => usageOf('-0.000001'), 'input.projectedUsage.0.quantity'],
  ['a quote of usage past counting', QUOTE, () => usageOf('9'.repeat(40)), 'input.projectedUsage.0.quantity'],
  ['a quote from the year 9999', QUOTE, () => quoteOf({ startsOn: '9999-12-31' }), 'input.startsOn'],

  ['a slug that is empty', CREATE_DEPLOYMENT, () => deployment({ slug: '' }), 'input.slug'],
  ['a slug of letters from elsewhere', CREATE_DEPLOYMENT, () => deployment({ slug: 'приложение' }), 'input.slug'],
  ['a slug that only looks latin', CREATE_DEPLOYMENT, () => deployment({ slug: 'аpp' }), 'input.slug'],
  ['a slug that ends a line', CREATE_DEPLOYMENT, () => deployment({ slug: 'app\n' }), 'input.slug'],
  [
    'a display name of 201 characters',
    CREATE_DEPLOYMENT,
    () => deployment({ displayName: long(201) }),
    'input.displayName',
  ],
  ['a tenant without a name', CREATE_DEPLOYMENT, () => deployment({ tenantId: '' }), 'input.tenantId'],
  ['a region that is a book', CREATE_DEPLOYMENT, () => deployment({ region: long(201) }), 'input.region'],
  ['a template that is a book', CREATE_DEPLOYMENT, () => deployment({ templateCode: long(201) }), 'input.templateCode'],
  [
    'a template version with a zero character',
    CREATE_DEPLOYMENT,
    () => deployment({ templateVersion: '\0' }),
    'input.templateVersion',
  ],
  [
    'a reason that is a book',
    TRANSITION,
    () => ({ id: ids['deployment'], to: 'PAUSED', reason: long(2001) }),
    'reason',
  ],

  ['a subscription to no plan', SUBSCRIBE, () => ({ id: ids['free'], planCode: '' }), 'planCode'],
  [
    'a subscription with an addon of another currency',
    SUBSCRIBE,
    () => ({ id: ids['free'], planCode: 'studio', addons: ['usd'] }),
    'addons',
  ],
  [
    'a subscription from more than a year ahead',
    SUBSCRIBE,
    () => ({ id: ids['free'], planCode: 'studio', startsOn: '2027-05-22' }),
    'startsOn',
  ],
  ['an addon that there is not', ATTACH, () => ({ id: ids['subscription'], addonCode: 'nope' }), 'addonCode'],
  ['an addon of another currency', ATTACH, () => ({ id: ids['subscription'], addonCode: 'usd' }), 'addonCode'],
  [
    'an addon from before its subscription',
    ATTACH,
    () => ({ id: ids['subscription'], addonCode: 'llm_1m', startsOn: '2026-03-31' }),
    'startsOn',
  ],
  ['a move to no version', CHANGE, () => ({ id: ids['subscription'], version: 'nope' }), 'planVersionId'],

  [
    'a retention of no day',
    SET_METERING,
    () => ({ input: { kind: 'DNS_ZONES', granularity: 'DAILY', retentionDays: 0 } }),
    'input.retentionDays',
  ],
  [
    'a retention past a century',
    SET_METERING,
    () => ({ input: { kind: 'DNS_ZONES', granularity: 'DAILY', retentionDays: 36_501 } }),
    'input.retentionDays',
  ],
  ['metering of today', METER, () => ({ day: '2026-05-20' }), 'day'],
  ['metering of tomorrow', METER, () => ({ day: '2026-05-21' }), 'day'],
  ['metering of the year 999', METER, () => ({ day: '0999-05-21' }), 'day'],
  ['metering of a day that there is not', METER, () => ({ day: '2026-02-29' }), 'day'],
  ['a rollup of this month, which has not ended', ROLL_UP, () => ({ period: '2026-05-01' }), 'period'],
  ['a rollup of next month', ROLL_UP, () => ({ period: '2026-06-01' }), 'period'],
  ['a payment tomorrow', PAY, () => ({ id: ids['invoice'], at: '2026-05-21T12:00:00Z' }), 'paidAt'],
  ['taking an invoice back for no reason', VOID, () => ({ id: ids['invoice'], reason: ' ' }), 'reason'],
  ['taking an invoice back with a book', VOID, () => ({ id: ids['invoice'], reason: long(2001) }), 'reason'],
  ['usage the wrong way round', USAGE, () => ({ id: ids['deployment'], from: '2026-05-02', to: '2026-05-01' }), 'to'],
  ['records from the year 0', RECORDS, () => ({ id: ids['deployment'], from: '0000-05-02', to: '2026-05-01' }), 'from'],
  ['lines of the year 9999', LINES, () => ({ id: ids['deployment'], period: '9999-05-02' }), 'period'],
  ['invoices of the year 9999', INVOICES, () => ({ filter: { period: '9999-05-02' } }), 'filter.period'],
  ['invoices of a tenant with a zero character', INVOICES, () => ({ filter: { tenantId: 'a\0' } }), 'filter.tenantId'],
];

describe('wrong input is named by its path and changes nothing:', () => {
  it.each(cases)('%s', async (_, operation, variables, path) => {
    const before = await app.rows();
    const { body } = await app.raw(operation, variables());
    expect(body.errors?.map((error) => error.extensions)).toEqual([
      { code: 'BAD_USER_INPUT', fields: [{ path, message: expect.any(String) }] },
    ]);
    expect(await app.rows()).toEqual(before);
  });

  it('several at once are all named', async () => {
    const { body } = await app.raw(CREATE_ADDON, addon({ code: '', name: '', quantity: '-1', priceCents: -1 }));
    expect(body.errors?.[0]?.extensions.fields?.map((field) => field.path)).toEqual([
      'input.code',
      'input.name',
      'input.quantity',
      'input.priceCents',
    ]);
  });
});

describe('what does not fit the present state is CONFLICT and changes nothing:', () => {
  const conflicts: [what: string, operation: AnyDocument, variables: () => object][] = [
    ['a plan code that is taken', CREATE_PLAN, () => plan({ code: 'studio' })],
    ['an addon code that is taken', CREATE_ADDON, () => addon({ code: 'llm_1m' })],
    ['a slug that is taken', CREATE_DEPLOYMENT, () => deployment({ slug: 'app', tenantId: 'acme' })],
    ['a second subscription', SUBSCRIBE, () => ({ id: ids['deployment'], planCode: 'pro' })],
    [
      'a version of another currency in the middle of a month',
      CHANGE,
      () => ({ id: ids['subscription'], version: ids['usd'] }),
    ],
    ['a payment of a draft', PAY, () => ({ id: ids['invoice'] })],
  ];
  it.each(conflicts)('%s', async (_, operation, variables) => {
    const before = await app.rows();
    expect(await app.codeOf(operation, variables())).toBe('CONFLICT');
    expect(await app.rows()).toEqual(before);
  });

  it('but a version of another currency may follow on the 1st, and both months are billed', async () => {
    const id = await app.createDeployment('moves', 'moves');
    const version = present(ids['usd']);
    const subscription = await app.subscribe(id, 'studio', { startsOn: '2026-05-01' });
    app.setTime('2026-06-01');
    await app.data(CHANGE, { id: subscription, version });
    app.setTime('2026-07-01');
    for (const period of ['2026-05-01', '2026-06-01']) {
      const roll = gql(
        'mutation($period: Date!) { rollUpInvoices(period: $period, tenantId: "moves") { created failed { reason } } }',
      );
      expect((await app.data(roll, { period })).rollUpInvoices).toEqual({ created: 1, failed: [] });
    }
    app.setTime('2026-05-20');
    const totals = await app.sql(
      `select currency, total_cents::int as cents from invoices where tenant_id = 'moves' order by period`,
    );
    expect(totals).toEqual([
      { currency: 'AUD', cents: 5500 },
      { currency: 'USD', cents: 110 },
    ]);
  });
});

it('what is odd but right is taken as it is', async () => {
  const { createDeployment } = await app.data(
    gql(
      'mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { slug displayName } } }',
    ),
    { input: { slug: `${long(62)}1`, displayName: 'Größe 日本 🚀' } },
  );
  expect(createDeployment.deployment).toEqual({ slug: `${long(62)}1`, displayName: 'Größe 日本 🚀' });
  const { quote } = await app.data(
    gql('query($input: QuoteInput!) { quote(input: $input) { overage { lines { quantity amount { amount } } } } }'),
    quoteOf({ projectedUsage: [{ kind: 'DNS_ZONES', quantity: '999999999999' }] }),
  );
  expect(quote.overage.lines).toEqual([{ quantity: '999999999989', amount: { amount: '399999999995.60' } }]);
});
