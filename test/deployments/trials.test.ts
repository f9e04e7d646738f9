import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addDays, daysOf, parseDay } from '../../src/core/time/period.js';
import { endDueTrials } from '../../src/services/lifecycle/trials.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-05'));

const START = gql(`mutation($id: ID!, $plan: String!, $endsOn: Date!, $addons: [String!]! = []) {
  startTrial(id: $id, planCode: $plan, endsOn: $endsOn, addons: $addons) {
    subscription { id status startsOn trialEndsAt deployment { state } } } }`);
const DEPLOYMENT = gql(`query($id: ID!) { deployment(id: $id) { state subscription { id startsOn trialEndsAt }
  events { nodes { at fromState toState actor reason } } } }`);
const TRANSITION = gql(
  'mutation($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { state } } }',
);
const deploymentOf = async (id: string) => (await app.data(DEPLOYMENT, { id })).deployment;
const trial = async (tenant: string, endsOn = '2026-05-20', addons: string[] = []) => {
  const id = await app.createDeployment('app', tenant);
  await app.data(START, { id, plan: 'studio', endsOn, addons });
  return id;
};
const charge = (gatewayRequestId: string, deploymentId: string, occurredAt: string) =>
  app.data(
    gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome reason } } }'),
    {
      events: [
        { gatewayRequestId, deploymentId, occurredAt, model: 'm', inputTokens: 1, outputTokens: 1, charge: '1' },
      ],
    },
  );
const linesOf = async (tenantId: string, period: string) => {
  await app.data(
    gql(
      'mutation($tenantId: String, $period: Date!) { rollUpInvoices(period: $period, tenantId: $tenantId, allowUnmetered: true) { created } }',
    ),
    { tenantId, period },
  );
  const { invoices } = await app.data(
    gql(
      `query($filter: InvoiceFilter) { invoices(filter: $filter) { nodes { lines { line { kind amount { cents } } } } } }`,
    ),
    { filter: { tenantId, period } },
  );
  return invoices.nodes.flatMap((invoice) => invoice.lines.map(({ line }) => [line.kind, line.amount.cents]));
};

it('starts with its last day known, bills nothing until then, and turns ACTIVE by itself', async () => {
  const id = await app.createDeployment('app', 'golden');
  const { startTrial } = await app.data(START, { id, plan: 'studio', endsOn: '2026-05-20', addons: ['storage_50gb'] });
  expect(startTrial.subscription).toEqual({
    id: expect.any(String),
    status: 'ACTIVE',
    startsOn: '2026-05-20',
    trialEndsAt: '2026-05-20T00:00:00.000Z',
    deployment: { state: 'TRIAL' },
  });
  for (const name of ['a', 'b', 'c']) await app.addResource(id, { kind: 'droplet', name });
  await charge('before-the-end', id, '2026-05-05T12:00:01Z');
  app.setTime('2026-05-19T23:59:59.999Z');
  await endDueTrials(app.app);
  expect(present(await deploymentOf(id)).state).toBe('TRIAL');
  await charge('last-of-trial', id, '2026-05-19T23:59:59.999Z');

  // The worker stood still for two days.
  app.setTime('2026-05-22T08:00:00Z');
  await charge('first-charged', id, '2026-05-20T00:00:00Z');
  await Promise.all([1, 2, 3].map(() => endDueTrials(app.app)));
  const deployment = present(await deploymentOf(id));
  expect(deployment).toMatchObject({ state: 'ACTIVE', subscription: { startsOn: '2026-05-20' } });
  expect(deployment.events.nodes.slice(0, 2)).toEqual([
    {
      at: '2026-05-22T08:00:00.000Z',
      fromState: 'TRIAL',
      toState: 'ACTIVE',
      actor: 'schedule',
      reason: 'the trial ended',
    },
    {
      at: '2026-05-05T12:00:00.000Z',
      fromState: 'ACTIVE',
      toState: 'TRIAL',
      actor: 'somebody@platform-admin',
      reason: 'trial until 2026-05-20',
    },
  ]);
  expect(deployment.events.nodes).toHaveLength(3);

  app.setTime('2026-06-01T03:00:00Z');
  for (const day of daysOf({ from: parseDay('2026-05-01'), until: parseDay('2026-06-01') }))
    await meterUsage(app.app, day);
  // 12 of 31 days of 50.00 and 7.50; 864 hours of those days against 12/31 of 1,488, which is 576: 2.88; one charge.
  expect(await linesOf('golden', '2026-05-01')).toEqual([
    ['PLAN_BASE', 1935],
    ['ADDON', 290],
    ['OVERAGE', 288],
    ['LLM_USAGE', 100],
    ['TAX', 261],
  ]);
});

it('a month within the trial is not billed', async () => {
  const id = await trial('long', '2026-06-15');
  await charge('long', id, '2026-05-10T00:00:00Z');
  app.setTime('2026-06-01T03:00:00Z');
  expect(await linesOf('long', '2026-05-01')).toEqual([]);
  app.setTime('2026-07-01T03:00:00Z');
  await endDueTrials(app.app);
  expect(await linesOf('long', '2026-06-01')).toEqual([
    ['PLAN_BASE', 2667],
    ['TAX', 267],
  ]);
});

it('one that is left early is billed from that day on', async () => {
  const id = await trial('early', '2026-05-20', ['storage_50gb']);
  app.setTime('2026-05-12');
  await charge('early-1', id, '2026-05-11T23:00:00Z');
  await charge('early-2', id, '2026-05-12T00:00:00Z');
  await app.data(TRANSITION, { id, to: 'ACTIVE' }, app.tenant('early'));
  expect(await deploymentOf(id)).toMatchObject({
    state: 'ACTIVE',
    subscription: { startsOn: '2026-05-12', trialEndsAt: '2026-05-12T00:00:00.000Z' },
  });
  app.setTime('2026-06-01T03:00:00Z');
  // 20 of 31 days.
  expect(await linesOf('early', '2026-05-01')).toEqual([
    ['PLAN_BASE', 3226],
    ['ADDON', 484],
    ['LLM_USAGE', 100],
    ['TAX', 381],
  ]);
});

it('one that is cancelled is never billed', async () => {
  const id = await trial('given-up');
  app.setTime('2026-05-19T20:00:00Z');
  await app.data(TRANSITION, { id, to: 'CANCELLED' });
  app.setTime('2026-06-01T03:00:00Z');
  await endDueTrials(app.app);
  expect(present(await deploymentOf(id)).state).toBe('CANCELLED');
  expect(await linesOf('given-up', '2026-05-01')).toEqual([]);
});

it('proration from its end is the quote’s, whatever the day', async () => {
  for (let n = 1; n <= 31; n += 6) {
    app.setTime('2026-06-30');
    const endsOn = addDays(parseDay('2026-07-01'), n - 1);
    await trial(`day-${n}`, endsOn);
    app.setTime('2026-08-01T03:00:00Z');
    await endDueTrials(app.app);
    const { quote } = await app.data(
      gql(`query($input: QuoteInput!) { quote(input: $input) { firstInvoice { lines { amount { cents } } } } }`),
      { input: { planCode: 'studio', startsOn: endsOn } },
    );
    const base = present((await linesOf(`day-${n}`, '2026-07-01'))[0]);
    expect(base).toEqual(['PLAN_BASE', present(quote.firstInvoice.lines[0]).amount.cents]);
    expect(base[1]).toBe(Math.round((5000 * (32 - n)) / 31));
  }
});

describe('is rejected and changes nothing:', () => {
  it.each([
    ['a day of the past', '2026-05-04'],
    ['today', '2026-05-05'],
    ['more than a year ahead', '2027-05-07'],
    ['a day that there is not', '2026-02-30'],
  ])('%s', async (what, endsOn) => {
    const id = await app.createDeployment('app', `rejected ${what}`);
    const before = await app.rows();
    const error = (await app.graphql(START, { id, plan: 'studio', endsOn })).body.errors?.[0];
    expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'endsOn' }] });
    expect(await app.rows()).toEqual(before);
  });

  it('a second one, one beside a subscription, one of no plan, one by a tenant', async () => {
    const first = await trial('second');
    const subscribed = await app.createDeployment('app', 'subscribed');
    await app.subscribe(subscribed, 'starter');
    const free = await app.createDeployment('free', 'subscribed');
    const before = await app.rows();
    const ask = { plan: 'studio', endsOn: '2026-05-20' };
    expect(await app.codeOf(START, { ...ask, id: first })).toBe('CONFLICT');
    expect(await app.codeOf(START, { ...ask, id: subscribed })).toBe('CONFLICT');
    expect(await app.codeOf(START, { ...ask, id: free, plan: 'none' })).toBe('BAD_USER_INPUT');
    expect(await app.codeOf(START, { ...ask, id: free }, app.tenant('subscribed'))).toBe('FORBIDDEN');
    expect(await app.codeOf(START, { ...ask, id: '00000000-0000-4000-8000-000000000000' })).toBe('NOT_FOUND');
    expect(await app.rows()).toEqual(before);
  });
});
