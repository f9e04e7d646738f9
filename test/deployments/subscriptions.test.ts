import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-20'));

const SUBSCRIBE = gql(`mutation($id: ID!, $planCode: String!, $addons: [String!]! = [], $startsOn: Date) {
  subscribeDeployment(id: $id, planCode: $planCode, addons: $addons, startsOn: $startsOn) { subscription {
    id status startsOn currentPeriodStart currentPeriodEnd deployment { id } planVersion { version plan { code } }
    addons { id addon { code } quantity price { amount } startsOn } } } }`);
const TRANSITION = gql(
  'mutation($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { subscription { status } } } }',
);
const segments = (id: string) =>
  app.sql(
    `select from_day::text as from, until_day::text as until from subscription_segments where subscription_id = $1 order by id`,
    [id],
  );
const everything = () =>
  app.sql(`select (select json_agg(s order by id) from subscriptions s) as subscriptions, (select json_agg(s order by id) from subscription_segments s)
    as segments, (select json_agg(a order by id) from subscription_addons a) as addons`);

it('subscribes a deployment to the active version, addons as they stand', async () => {
  const id = await app.createDeployment('studio');
  const { subscribeDeployment } = await app.data(
    SUBSCRIBE,
    { id, planCode: 'studio', addons: ['storage_50gb', 'storage_50gb'] },
    app.tenant('acme'),
  );
  const { subscription } = subscribeDeployment;
  const addon = {
    id: expect.any(String),
    addon: { code: 'storage_50gb' },
    quantity: '50',
    price: { amount: '7.50' },
    startsOn: '2026-05-20',
  };
  expect(subscription).toEqual({
    id: expect.any(String),
    status: 'ACTIVE',
    startsOn: '2026-05-20',
    currentPeriodStart: '2026-05-01',
    currentPeriodEnd: '2026-05-31',
    deployment: { id },
    planVersion: { version: 1, plan: { code: 'studio' } },
    addons: [addon, addon],
  });
  await app.sql(`update addons set price_cents = 9999, quantity = 1 where code = 'storage_50gb'`);
  const shown = await app.data(
    gql('query($id: ID!) { deployment(id: $id) { subscription { addons { quantity price { amount } } } } }'),
    { id },
  );
  expect(present(present(shown.deployment).subscription).addons[0]).toEqual({
    quantity: '50',
    price: { amount: '7.50' },
  });
  await app.sql(`update addons set price_cents = 750, quantity = 50 where code = 'storage_50gb'`);
});

describe('refused, and nothing changes:', () => {
  let id: string;
  let free: string;
  beforeAll(async () => {
    id = await app.createDeployment('taken');
    free = await app.createDeployment('free');
    await app.subscribe(id, 'starter');
  });
  it.each([
    ['a second live subscription', () => ({ id, planCode: 'pro' }), 'CONFLICT'],
    ['an unknown plan', () => ({ id: free, planCode: 'nope' }), 'BAD_USER_INPUT'],
    ['an unknown addon', () => ({ id: free, planCode: 'pro', addons: ['nope'] }), 'BAD_USER_INPUT'],
    ['an earlier start by the tenant', () => ({ id: free, planCode: 'pro', startsOn: '2026-05-19' }), 'FORBIDDEN'],
    ['an unknown deployment', () => ({ id: 'nope', planCode: 'pro' }), 'NOT_FOUND'],
  ])('%s', async (_, variables, code) => {
    const before = await everything();
    expect(await app.codeOf(SUBSCRIBE, variables(), app.tenant('acme'))).toBe(code);
    expect(await everything()).toEqual(before);
  });

  it('what another tenant owns', async () => {
    const sub = (await app.row<{ id: string }>(`select id from subscriptions where deployment_id = $1`, [id])).id;
    const before = await everything();
    const globex = app.tenant('globex');
    for (const query of [
      gql('mutation($sub: ID!) { attachAddon(subscriptionId: $sub, addonCode: "llm_1m") { subscription { id } } }'),
      gql('mutation($sub: ID!) { cancelSubscription(id: $sub) { subscription { id } } }'),
    ]) {
      expect(await app.codeOf(query, { sub }, globex)).toBe('NOT_FOUND');
    }
    const change = gql(
      'mutation($sub: ID!) { changePlanVersion(subscriptionId: $sub, planVersionId: $sub) { subscription { id } } }',
    );
    expect(await app.codeOf(change, { sub }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await everything()).toEqual(before);
  });
});

it('a pause stops the billing and going on resumes it; the days between are not billed', async () => {
  const id = await app.createDeployment('pauses');
  const sub = await app.subscribe(id, 'studio', { startsOn: '2026-05-01' });
  app.setTime('2026-05-10');
  expect(
    present((await app.data(TRANSITION, { id, to: 'PAUSED' })).transitionDeployment.deployment.subscription).status,
  ).toBe('PAUSED');
  app.setTime('2026-05-15');
  expect(
    present((await app.data(TRANSITION, { id, to: 'ACTIVE' })).transitionDeployment.deployment.subscription).status,
  ).toBe('ACTIVE');
  expect(await segments(sub)).toEqual([
    { from: '2026-05-01', until: '2026-05-11' },
    { from: '2026-05-15', until: null },
  ]);
  await app.data(TRANSITION, { id, to: 'PAUSED' });
  await app.data(TRANSITION, { id, to: 'ACTIVE' });
  expect((await segments(sub)).slice(1)).toEqual([
    { from: '2026-05-15', until: '2026-05-16' },
    { from: '2026-05-16', until: null },
  ]);
  app.setTime('2026-05-20');
  expect((await app.data(TRANSITION, { id, to: 'CANCELLED' })).transitionDeployment.deployment.subscription).toBeNull();
  expect((await segments(sub)).at(-1)).toEqual({ from: '2026-05-16', until: '2026-05-21' });
});

it('a subscription after another begins on the first day that is not billed yet', async () => {
  const id = await app.createDeployment('again');
  const first = await app.subscribe(id, 'starter');
  await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { status } } }'), { id: first });
  const second = await app.subscribe(id, 'studio');
  expect(await segments(first)).toEqual([{ from: '2026-05-20', until: '2026-05-21' }]);
  expect(await segments(second)).toEqual([{ from: '2026-05-21', until: null }]);
});

it('one that is cancelled before it begins bills nothing', async () => {
  const id = await app.createDeployment('never');
  const sub = await app.subscribe(id, 'starter', { startsOn: '2026-06-10' });
  await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { status } } }'), { id: sub });
  expect(await segments(sub)).toEqual([{ from: '2026-06-10', until: '2026-06-10' }]);
  const next = await app.subscribe(id, 'starter');
  expect(await segments(next)).toEqual([{ from: '2026-05-20', until: null }]);
});

it('publishing a version changes no subscriber; moving one does, from that day on', async () => {
  const id = await app.createDeployment('moves');
  await app.data(gql('mutation { createPlan(input: { code: "moving", name: "Moving" }) { plan { id } } }'));
  const publish = async (basePriceCents: number) => {
    const { createPlanVersion } = await app.data(
      gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
      { input: { planCode: 'moving', basePriceCents, items: [] } },
    );
    const { id } = createPlanVersion.planVersion;
    await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id });
    return id;
  };
  const first = await publish(1000);
  const sub = await app.subscribe(id, 'moving', { startsOn: '2026-05-01' });
  const before = await everything();
  const second = await publish(2000);
  expect(await everything()).toEqual(before);
  const CHANGE =
    gql(`mutation($sub: ID!, $version: ID!) { changePlanVersion(subscriptionId: $sub, planVersionId: $version) {
    subscription { planVersion { id basePrice { amount } subscriberCount } } } }`);
  const { changePlanVersion } = await app.data(CHANGE, { sub, version: second });
  expect(changePlanVersion.subscription.planVersion).toEqual({
    id: second,
    basePrice: { amount: '20.00' },
    subscriberCount: 1,
  });
  await app.data(CHANGE, { sub, version: first });
  await app.data(CHANGE, { sub, version: second });
  expect(await segments(sub)).toEqual([
    { from: '2026-05-01', until: '2026-05-20' },
    { from: '2026-05-20', until: null },
  ]);
});

it('an addon is attached from a day and detached again', async () => {
  const id = await app.createDeployment('addons');
  const sub = await app.subscribe(id, 'studio', { startsOn: '2026-05-01' });
  const ATTACH =
    gql(`mutation($sub: ID!, $startsOn: Date) { attachAddon(subscriptionId: $sub, addonCode: "llm_1m", startsOn: $startsOn) {
    subscription { addons { id startsOn addon { code } } } } }`);
  const { attachAddon } = await app.data(ATTACH, { sub, startsOn: '2026-05-31' }, app.tenant('acme'));
  const attached = present(attachAddon.subscription.addons[0]);
  expect(attached).toEqual({ id: expect.any(String), startsOn: '2026-05-31', addon: { code: 'llm_1m' } });
  expect(await app.codeOf(ATTACH, { sub, startsOn: '2026-05-01' }, app.tenant('acme'))).toBe('FORBIDDEN');
  expect(await app.codeOf(ATTACH, { sub, startsOn: '2026-04-30' })).toBe('BAD_USER_INPUT');
  const DETACH = gql('mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { addons { id } } } }');
  expect(await app.codeOf(DETACH, { id: attached.id }, app.tenant('globex'))).toBe('NOT_FOUND');
  const one = await app.sql('select addon_id as addon from subscription_addons where id = $1', [attached.id]);
  await app.sql(
    `insert into subscription_addons (subscription_id, addon_id, name, kind, quantity, price_cents, currency, starts_on)
     select $1, $2, 'LLM', 'llm_tokens', 1, 1, 'AUD', '2026-05-20' from generate_series(1, 99)`,
    [sub, present(one[0]).addon],
  );
  expect(await app.codeOf(ATTACH, { sub })).toBe('CONFLICT');
  await app.sql(`delete from subscription_addons where subscription_id = $1 and name = 'LLM'`, [sub]);
  expect((await app.data(DETACH, { id: attached.id })).detachAddon.subscription.addons).toEqual([]);
  expect(await app.codeOf(DETACH, { id: attached.id })).toBe('CONFLICT');
});
