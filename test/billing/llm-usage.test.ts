import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from './billing-app.js';

let app: BillingApp;
let deploymentId: string;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  deploymentId = await app.createDeployment('llm');
});
afterAll(() => app.close());

const RECORD =
  'mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { gatewayRequestId outcome reason } } }';
const gateway = () => app.tenant('gateway', ['llm-gateway']);
const event = (gatewayRequestId: string, changes: object = {}) => ({
  gatewayRequestId,
  deploymentId,
  occurredAt: '2026-05-10T08:00:00Z',
  model: 'large',
  inputTokens: 1200,
  outputTokens: 300,
  charge: '0.000000000001',
  ...changes,
});
const record = async (events: object[]) => (await app.data(RECORD, { events }, gateway())).recordLlmUsage.results;
const count = async () => (await app.sql('select count(*)::int as count from llm_usage_events'))[0].count;

it('records a thousand events, and the same call again is all DUPLICATE', async () => {
  const events = Array.from({ length: 1000 }, (_, n) => event(`batch-${n}`));
  const outcomes = async () => [...new Set((await record(events)).map((result: any) => result.outcome))];
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
  expect(results.map((result: any) => [result.gatewayRequestId, result.outcome])).toEqual([
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
  expect(results[3].reason).toBe('there is no deployment 00000000-0000-4000-8000-000000000000');
  expect(await count()).toBe(before + 4);
  expect((await record([event('known', { charge: '2' })]))[0]).toEqual({
    gatewayRequestId: 'known',
    outcome: 'REJECTED',
    reason: 'this request id is known with other content',
  });
});

it('two calls with the same events at once record each once', async () => {
  const events = Array.from({ length: 200 }, (_, n) => event(`race-${n}`));
  const both = (await Promise.all([record(events), record(events.toReversed())])).flat();
  expect(both.filter((result: any) => result.outcome === 'RECORDED')).toHaveLength(200);
  expect(both.filter((result: any) => result.outcome === 'DUPLICATE')).toHaveLength(200);
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
  const create =
    'mutation { createDeployment(input: { slug: "gateway", displayName: "Gateway" }) { deployment { id } } }';
  expect(await app.codeOf(create, {}, gateway())).toBe('FORBIDDEN');
  const [audit] = await app.sql('select mutation, outcome from audit_entries order by id desc limit 1');
  expect(audit).toEqual({ mutation: 'createDeployment', outcome: 'FORBIDDEN' });
  expect(await app.sql(`select id from deployments where slug = 'gateway'`)).toEqual([]);
});
