import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-10');
});
afterAll(() => app.close());

const CHANGE = gql(`mutation($subscriptionId: ID!, $planVersionId: ID!) {
  changePlanVersion(subscriptionId: $subscriptionId, planVersionId: $planVersionId) { subscription { id } } }`);
const CANCEL = gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { status } } }');
const PLAN = gql(`mutation { createPlan(input: { code: "dollars", name: "Dollars" }) { plan { id } } }`);
const VERSION =
  gql(`mutation { createPlanVersion(input: { planCode: "dollars", basePriceCents: 1000, currency: USD, items: [] }) {
  planVersion { id } } }`);
const PUBLISH = gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }');

it('rejects a version in another currency than an earlier subscription billed this month', async () => {
  await app.data(PLAN, {});
  const planVersionId = (await app.data(VERSION, {})).createPlanVersion.planVersion.id;
  await app.data(PUBLISH, { id: planVersionId });
  const deployment = await app.createDeployment('twice');
  await app.data(CANCEL, { id: await app.subscribe(deployment, 'starter') });
  app.setTime('2026-05-11');
  const subscriptionId = await app.subscribe(deployment, 'studio');
  const before = await app.rows();
  expect(await app.codeOf(CHANGE, { subscriptionId, planVersionId }, app.operator)).toBe('CONFLICT');
  expect(await app.rows()).toEqual(before);
  app.setTime('2026-06-01');
  expect(await app.codeOf(CHANGE, { subscriptionId, planVersionId }, app.operator)).toBeUndefined();
});
