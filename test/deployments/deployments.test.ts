import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allowedTransitions, DEPLOYMENT_STATES } from '../../src/core/deployments/deployment-state.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { DeploymentState } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());

const TRANSITION = gql(`mutation($id: ID!, $to: DeploymentState!, $reason: String) {
  transitionDeployment(id: $id, to: $to, reason: $reason) { deployment { state allowedTransitions } } }`);
const CREATE =
  gql(`mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id tenantId slug state
  llmMode allowedTransitions subscription { id } events { totalCount nodes { fromState toState actor reason } } } } }`);

describe('a new deployment', () => {
  it('is active, belongs to who made it, and says so', async () => {
    const input = { slug: 'first', displayName: 'First' };
    const { createDeployment } = await app.data(CREATE, { input }, app.tenant('acme'));
    expect(createDeployment.deployment).toEqual({
      id: expect.any(String),
      tenantId: 'acme',
      slug: 'first',
      state: 'ACTIVE',
      llmMode: 'NONE',
      allowedTransitions: ['PAUSED', 'CANCELLED'],
      subscription: null,
      events: {
        totalCount: 1,
        nodes: [{ fromState: null, toState: 'ACTIVE', actor: 'somebody@acme', reason: null }],
      },
    });
  });

  it.each([
    ['a slug that its tenant has', { slug: 'first', displayName: 'Again' }, 'CONFLICT'],
    ['another tenant’s name', { slug: 'mine', displayName: 'Mine', tenantId: 'globex' }, 'FORBIDDEN'],
    ['a slug with blanks', { slug: 'my app', displayName: 'App' }, 'BAD_USER_INPUT'],
    ['no name', { slug: 'nameless', displayName: ' ' }, 'BAD_USER_INPUT'],
  ])('with %s is refused and leaves nothing', async (_, input, code) => {
    const before = await app.sql('select count(*) from deployments');
    expect(await app.codeOf(CREATE, { input }, app.tenant('acme'))).toBe(code);
    expect(await app.sql('select count(*) from deployments')).toEqual(before);
  });

  it('may bear a slug that another tenant has', async () => {
    const input = { slug: 'first', displayName: 'First' };
    expect(await app.codeOf(CREATE, { input }, app.tenant('globex'))).toBeUndefined();
  });
});

describe('the state machine', () => {
  it.each(['operator', 'tenant'] as const)('moves along its edges and no others for the %s', async (who) => {
    const token = who === 'operator' ? app.operator : app.tenant('acme');
    const id = await app.createDeployment(`states-of-${who}`);
    for (const from of DEPLOYMENT_STATES) {
      for (const to of DEPLOYMENT_STATES) {
        await app.sql('update deployments set state = $2 where id = $1', [id, from]);
        const { events } = await app.row<{ events: number }>(
          'select count(*)::int as events from deployment_events where deployment_id = $1',
          [id],
        );
        const { body } = await app.graphql(
          TRANSITION,
          { id, to: to.toUpperCase() as DeploymentState, reason: 'why' },
          token,
        );
        const after = await app.row(
          `select state, (select count(*)::int from deployment_events where deployment_id = $1) as events from deployments where id = $1`,
          [id],
        );
        const allowed = allowedTransitions(from, who);
        if (allowed.includes(to)) {
          expect([from, to, body.errors, after]).toEqual([from, to, undefined, { state: to, events: events + 1 }]);
          continue;
        }
        const isOperatorsEdge = allowedTransitions(from, 'operator').includes(to);
        expect([from, to, body.errors?.[0]?.extensions, after]).toEqual([
          from,
          to,
          isOperatorsEdge
            ? expect.objectContaining({ code: 'FORBIDDEN' })
            : expect.objectContaining({
                code: 'INVALID_TRANSITION',
                allowed: allowed.map((state) => state.toUpperCase()),
              }),
          { state: from, events },
        ]);
      }
    }
  });
});

it('every change is recorded with who made it and why', async () => {
  const id = await app.createDeployment('recorded');
  await app.data(TRANSITION, { id, to: 'PAUSED', reason: 'holidays' }, app.tenant('acme'));
  await app.data(TRANSITION, { id, to: 'ACTIVE' });
  await app.data(TRANSITION, { id, to: 'CANCELLED', reason: 'unpaid' });
  await app.data(TRANSITION, { id, to: 'ARCHIVED' }, app.tenant('acme'));
  const deployment = present(
    (
      await app.data(
        gql('query($id: ID!) { deployment(id: $id) { events { nodes { fromState toState actor reason at } } } }'),
        { id },
      )
    ).deployment,
  );
  const [operator, tenant] = ['somebody@platform-admin', 'somebody@acme'];
  expect(deployment.events.nodes.toReversed()).toEqual(
    [
      { fromState: null, toState: 'ACTIVE', actor: operator, reason: null },
      { fromState: 'ACTIVE', toState: 'PAUSED', actor: tenant, reason: 'holidays' },
      { fromState: 'PAUSED', toState: 'ACTIVE', actor: operator, reason: null },
      { fromState: 'ACTIVE', toState: 'CANCELLED', actor: operator, reason: 'unpaid' },
      { fromState: 'CANCELLED', toState: 'ARCHIVED', actor: tenant, reason: null },
    ].map((event) => ({ ...event, at: '2026-05-20T12:00:00.000Z' })),
  );
});

describe('another tenant’s deployment', () => {
  it('reads as none and cannot be touched', async () => {
    const id = await app.createDeployment('private');
    const globex = app.tenant('globex');
    expect(await app.data(gql('query($id: ID!) { deployment(id: $id) { id } }'), { id }, globex)).toEqual({
      deployment: null,
    });
    const listed = await app.data(gql('{ deployments(first: 200) { totalCount nodes { tenantId } } }'), {}, globex);
    expect(listed.deployments).toEqual({ totalCount: 1, nodes: [{ tenantId: 'globex' }] });
    expect(await app.codeOf(TRANSITION, { id, to: 'PAUSED' }, globex)).toBe('NOT_FOUND');
    expect(await app.codeOf(gql('{ deployments(filter: { tenantId: "acme" }) { totalCount } }'), {}, globex)).toBe(
      'FORBIDDEN',
    );
    const subscribe = gql(
      'mutation($id: ID!) { subscribeDeployment(id: $id, planCode: "studio") { subscription { id } } }',
    );
    expect(await app.codeOf(subscribe, { id }, globex)).toBe('NOT_FOUND');
    const suspend = gql(
      'mutation($id: ID!) { setBillingActionSuspended(id: $id, suspended: true) { deployment { billingActionSuspended } } }',
    );
    expect(await app.codeOf(suspend, { id }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await app.data(suspend, { id })).toEqual({
      setBillingActionSuspended: { deployment: { billingActionSuspended: true } },
    });
  });
});

describe('a resource that is assigned', () => {
  it('takes the deployment’s tenant, shows in it, and goes back to none', async () => {
    const [from, to] = [await app.createDeployment('assigns'), await app.createDeployment('assigned', 'globex')];
    const id = await app.addResource(from, { kind: 'droplet', name: 'web' });
    const ASSIGN =
      gql(`mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { tenantId deployment { slug }
      events { nodes { type actor changes } } } } }`);
    const { assignResource } = await app.data(ASSIGN, { id, to });
    expect(assignResource.resource).toMatchObject({ tenantId: 'globex', deployment: { slug: 'assigned' } });
    expect(assignResource.resource.events.nodes).toEqual([
      { type: 'UPDATED', actor: 'somebody@platform-admin', changes: { deploymentId: { from, to } } },
    ]);
    const shown = await app.data(
      gql('query($id: ID!) { deployment(id: $id) { resources { totalCount nodes { name } } } }'),
      { id: to },
    );
    expect(present(shown.deployment).resources).toEqual({ totalCount: 1, nodes: [{ name: 'web' }] });
    expect(await app.codeOf(ASSIGN, { id, to: null }, app.tenant('globex'))).toBe('FORBIDDEN');
    const back = await app.data(ASSIGN, { id, to: null });
    expect(back.assignResource.resource).toMatchObject({ tenantId: null, deployment: null });
  });
});
