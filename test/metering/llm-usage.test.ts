import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { LlmUsageInput } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let deploymentId: string;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  deploymentId = await app.createDeployment('llm');
});
afterAll(() => app.close());

const RECORD = gql(
  'mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { gatewayRequestId outcome reason } } }',
);
const gateway = () => app.tenant('gateway', ['llm-gateway']);
const event = (gatewayRequestId: string, changes: object = {}): LlmUsageInput => ({
  gatewayRequestId,
  deploymentId,
  occurredAt: '2026-05-10T08:00:00Z',
  model: 'large',
  inputTokens: 1200,
  outputTokens: 300,
  charge: '0.000000000001',
  ...changes,
});
const record = async (events: LlmUsageInput[]) =>
  (await app.data(RECORD, { events }, gateway())).recordLlmUsage.results;
const count = async () =>
  (await app.row<{ count: number }>('select count(*)::int as count from llm_usage_events')).count;

it('records a thousand events, and the same call again is all DUPLICATE', async () => {
  const events = Array.from({ length: 1000 }, (_, n) => event(`batch-${n}`));
  const outcomes = async () => [...new Set((await record(events)).map((result) => result.outcome))];
  expect(await outcomes()).toEqual(['RECORDED']);
  expect(await outcomes()).toEqual(['DUPLICATE']);
  expect(await app.sql('select sum(charge)::text as charge, count(*)::int as count from llm_usage_events')).toEqual([
    { charge: '0.000000001000', count: 1000 },
  ]);
});

it('answers each event by itself, in order, and a bad one harms no other', async () => {
  const before = await count();
  await record([event('known')]);
  const results = await record([
    event('good-1'),
    event('known'),
    event('known', { outputTokens: 301 }),
    event('nobody', { deploymentId: '00000000-0000-4000-8000-000000000000' }),
    event('no-uuid', { deploymentId: 'nope' }),
    event('negative', { charge: '-1' }),
    event('future', { occurredAt: '2027-01-01T00:00:00Z' }),
    event(' '),
    event('good-2'),
    event('good-2'),
    event('good-2', { charge: '1' }),
    event('same-charge', { charge: '0.50' }),
    event('same-charge', { charge: '0.5' }),
  ]);
  expect(results.map((result) => [result.gatewayRequestId, result.outcome])).toEqual([
    ['good-1', 'RECORDED'],
    ['known', 'DUPLICATE'],
    ['known', 'REJECTED'],
    ['nobody', 'REJECTED'],
    ['no-uuid', 'REJECTED'],
    ['negative', 'REJECTED'],
    ['future', 'REJECTED'],
    [' ', 'REJECTED'],
    ['good-2', 'RECORDED'],
    ['good-2', 'DUPLICATE'],
    ['good-2', 'REJECTED'],
    ['same-charge', 'RECORDED'],
    ['same-charge', 'DUPLICATE'],
  ]);
  expect(present(results[3]).reason).toBe('there is no deployment 00000000-0000-4000-8000-000000000000');
  expect(await count()).toBe(before + 4);
  expect((await record([event('known', { charge: '2' })]))[0]).toEqual({
    gatewayRequestId: 'known',
    outcome: 'REJECTED',
    reason: 'this request id is known with other content',
  });
});

it.each([
  ['an id with a zero character', { gatewayRequestId: 'zero\0' }, 'text holds a zero character'],
  ['an id of 201 characters', { gatewayRequestId: 'x'.repeat(201) }, 'gatewayRequestId takes 1 to 200 characters'],
  ['no model', { model: '' }, 'model takes 1 to 200 characters'],
  ['a model with a zero character', { model: 'm\0' }, 'text holds a zero character'],
  ['a model of 201 characters', { model: 'x'.repeat(201) }, 'model takes 1 to 200 characters'],
  ['tokens below zero', { inputTokens: -1 }, 'tokens are less than zero'],
  ['a charge finer than 10^-18', { charge: '0.0000000000000000001' }, 'charge has more than 18 digits after the point'],
  ['a charge of a billion', { charge: '1000000000' }, 'charge is not below 1000000000'],
  ['a charge below zero', { charge: '-0.000000000001' }, 'charge is less than zero'],
  [
    'a time before there were such models',
    { occurredAt: '1999-12-31T23:59:59Z' },
    'occurredAt is before the year 2000',
  ],
  ['a time more than a day ahead', { occurredAt: '2026-05-21T12:00:01Z' }, 'occurredAt is more than a day ahead'],
])('an event with %s is REJECTED beside one that is RECORDED', async (what, changes, reason) => {
  const before = await count();
  const results = await record([event(`rejected ${what}`, changes), event(`beside ${what}`)]);
  expect(results.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['REJECTED', reason],
    ['RECORDED', null],
  ]);
  expect(await count()).toBe(before + 1);
  const audit = await app.row('select mutation, outcome from audit_entries order by id desc limit 1');
  expect(audit).toEqual({ mutation: 'recordLlmUsage', outcome: 'OK' });
});

it.each(['abc', '', '1e3', '0x1', ' 1', '1.', 'NaN', '9'.repeat(43), 0.5, null, undefined, {}, [], true])(
  'an event whose charge is %j, no decimal number, is REJECTED beside one that is RECORDED',
  async (charge) => {
    const before = await count();
    const id = JSON.stringify(charge) ?? 'undefined';
    const results = await record([event(`malformed ${id}`, { charge }), event(`beside ${id}`)]);
    expect(results.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['REJECTED', 'charge is not a decimal number'],
      ['RECORDED', null],
    ]);
    expect(await count()).toBe(before + 1);
  },
);

it('takes what is at the edges: nothing charged, minus nothing, the largest charge, the finest', async () => {
  const charges = ['0', '-0', '999999999.999999999999999999', '0.000000000000000001'];
  const results = await record(charges.map((charge, n) => event(`edge-${n}`, { charge })));
  expect(results.map((result) => result.outcome)).toEqual(charges.map(() => 'RECORDED'));
  expect(
    await app.sql(
      `select trim_scale(sum(charge))::text as sum from llm_usage_events where gateway_request_id like 'edge-%'`,
    ),
  ).toEqual([{ sum: '1000000000' }]);
});

it('two calls with the same events at once record each once', async () => {
  const events = Array.from({ length: 200 }, (_, n) => event(`race-${n}`));
  const both = (await Promise.all([record(events), record(events.toReversed())])).flat();
  expect(both.filter((result) => result.outcome === 'RECORDED')).toHaveLength(200);
  expect(both.filter((result) => result.outcome === 'DUPLICATE')).toHaveLength(200);
});

describe('refused as a whole', () => {
  it.each([
    ['a tenant', 1, () => app.tenant('acme'), 'FORBIDDEN'],
    ['1,001 events', 1001, gateway, 'BAD_USER_INPUT'],
  ])('%s', async (_, length, token, code) => {
    const before = await count();
    const events = Array.from({ length }, (__, n) => event(`refused-${n}`));
    expect(await app.codeOf(RECORD, { events }, token())).toBe(code);
    expect(await count()).toBe(before);
  });
});

it('the gateway may do nothing else', async () => {
  const create = gql(
    'mutation { createDeployment(input: { slug: "gateway", displayName: "Gateway" }) { deployment { id } } }',
  );
  expect(await app.codeOf(create, {}, gateway())).toBe('FORBIDDEN');
  const audit = await app.row('select mutation, outcome from audit_entries order by id desc limit 1');
  expect(audit).toEqual({ mutation: 'createDeployment', outcome: 'FORBIDDEN' });
  expect(await app.sql(`select id from deployments where slug = 'gateway'`)).toEqual([]);
});
