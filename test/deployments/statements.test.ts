import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RunStatement } from '../../src/database/reads.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let statements = 0;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  const { reads } = app.app;
  const { within } = reads;
  Object.assign(reads, {
    within: (run: RunStatement) =>
      within((send) => {
        statements += 1;
        return run(send);
      }),
  });
});
afterAll(() => app.close());

const LISTS =
  gql(`query($tenantId: String!, $first: Int, $after: Cursor) { deployments(filter: { tenantId: $tenantId }) { nodes {
  slug
  usage(from: "2026-05-03", to: "2026-05-04") { kind quantity }
  events(first: $first, after: $after) { totalCount nodes { toState } pageInfo { hasNextPage hasPreviousPage endCursor } }
  resources(first: $first) { totalCount nodes { name project { name } } pageInfo { hasNextPage } }
  snapshots: resources(filter: { kinds: [SNAPSHOT] }) { nodes { name } }
} } }`);

const METER = gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }');

async function addDeployments(tenantId: string, slugs: readonly string[]): Promise<void> {
  for (const slug of slugs) {
    const id = await app.createDeployment(slug, tenantId);
    await app.addResource(id, { kind: 'droplet', name: `${slug}-1` });
    await app.addResource(id, { kind: 'droplet', name: `${slug}-2` });
    await app.addResource(id, { kind: 'snapshot', name: `${slug}-snapshot`, attrs: { size_gigabytes: 31 } });
    await app.sql(
      `insert into deployment_events (deployment_id, at, from_state, to_state, actor) values ($1, now(), 'active', 'paused', 'test')`,
      [id],
    );
  }
}

async function listed(tenantId: string, first: number, after: string | null = null) {
  statements = 0;
  const { deployments } = await app.data(LISTS, { tenantId, first, after });
  return { nodes: deployments.nodes, statements };
}

it('lists below deployments cost as many statements for many deployments as for one', async () => {
  await addDeployments('one', ['a']);
  await addDeployments('many', ['b', 'c', 'd', 'e']);
  await app.createDeployment('empty', 'many');
  await app.data(METER, { day: '2026-05-03' });

  const one = await listed('one', 1);
  const many = await listed('many', 1);
  expect(many.statements).toBe(one.statements);
  expect(one.statements).toBeLessThanOrEqual(7);

  const lists = (slug: string) => ({
    slug,
    usage: [
      { kind: 'DROPLET_HOURS', quantity: '48' },
      { kind: 'SNAPSHOT_GB_MONTH', quantity: '1' },
    ],
    events: {
      totalCount: 2,
      nodes: [{ toState: 'PAUSED' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, endCursor: expect.any(String) },
    },
    resources: { totalCount: 3, nodes: [{ name: `${slug}-1`, project: null }], pageInfo: { hasNextPage: true } },
    snapshots: { nodes: [{ name: `${slug}-snapshot` }] },
  });
  const empty = {
    slug: 'empty',
    usage: [],
    events: {
      totalCount: 1,
      nodes: [{ toState: 'ACTIVE' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, endCursor: expect.any(String) },
    },
    resources: { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } },
    snapshots: { nodes: [] },
  };
  expect(many.nodes.map(({ slug }) => slug).sort()).toEqual(['b', 'c', 'd', 'e', 'empty']);
  const whole = await listed('many', 3);
  for (const node of many.nodes.filter(({ slug }) => slug !== 'empty')) {
    const { resources: all } = present(whole.nodes.find(({ slug }) => slug === node.slug));
    const names = all.nodes.map(({ name }) => name).sort();
    expect(names).toEqual([`${node.slug}-1`, `${node.slug}-2`, `${node.slug}-snapshot`]);
    // Resources that were first seen at one instant are in the order of their random ids.
    const { resources, ...others } = node;
    const { resources: expected, ...rest } = lists(node.slug);
    expect(others).toEqual(rest);
    expect(resources).toEqual({
      ...expected,
      nodes: [{ name: expect.stringMatching(`^${node.slug}-`), project: null }],
    });
  }
  expect(many.nodes.find(({ slug }) => slug === 'empty')).toEqual(empty);
});

it('a cursor of one deployment’s events pages the events of that deployment', async () => {
  const first = await listed('one', 1);
  const after = first.nodes[0]?.events.pageInfo.endCursor ?? null;
  const second = await listed('one', 1, after);
  expect(second.nodes[0]?.events).toEqual({
    totalCount: 2,
    nodes: [{ toState: 'ACTIVE' }],
    pageInfo: { hasNextPage: false, hasPreviousPage: true, endCursor: expect.any(String) },
  });
});
