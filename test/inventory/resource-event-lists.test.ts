import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { App, Viewer } from '../../src/context.js';
import { listResourceEvents } from '../../src/services/inventory/list-resource-events.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { postGraphql } from '../support/graphql.js';
import { gql } from '../support/typed-document.js';

let app: TestApp;
let ids: string[];

beforeAll(async () => {
  app = await startTestApp();
  await app.sync(['projects', 'droplets', 'domains']);
  const resources = await app.sql<{ id: string }>('select id from cloud_resources order by id');
  ids = resources.map(({ id }) => id);
  // Three events for each resource: more than the pages below hold.
  await app.sql(
    `insert into cloud_resource_events (resource_id, type, at, changes, actor)
     select id, 'updated', now(), jsonb_build_object('n', jsonb_build_object('from', n, 'to', n + 1)), 'test'
     from cloud_resources, generate_series(1, 2) as n order by n`,
  );
});
afterAll(() => app.close());

const viewers: [string, Viewer][] = [
  ['an operator', viewerOf('platform-admin', true)],
  ['a tenant', viewerOf('acme', false)],
];

function viewerOf(tenantId: string, isOperator: boolean): Viewer {
  return { subject: 'somebody', tenantId, roles: [], isOperator, expiresAt: Number.MAX_SAFE_INTEGER };
}

/** The app's reads, with every statement's name noted. */
function counting(names: string[]): Pick<App, 'reads'> {
  const { reads } = app.app;
  return {
    reads: {
      ...reads,
      many(shape, statement) {
        names.push(/^\/\* ([a-z-]+)/.exec(statement.compile().text)?.[1] ?? '');
        return reads.many(shape, statement);
      },
    },
  };
}

describe('the events of many resources', () => {
  it.each(viewers)('are those of each alone for %s, with one statement for all pages', async (_, viewer) => {
    expect(ids.length).toBeGreaterThan(10);
    const names: string[] = [];
    const lists = listResourceEvents(counting(names), viewer);
    const pages = new Map((await lists.pages(ids, { first: 2 })).map(({ parentId, page }) => [parentId, page]));
    const counts = new Map((await lists.counts(ids)).map(({ parentId, count }) => [parentId, count]));
    expect(names).toEqual(['list-resource-events', 'list-resource-events-counts']);
    for (const id of ids) {
      const [alone] = await listResourceEvents(app.app, viewer).pages([id], { first: 2 });
      const page = pages.get(id);
      expect(page?.rows).toEqual(alone?.page.rows);
      expect(page?.rows.map((row) => row.resourceId)).toEqual([id, id]);
      expect(page).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      expect(counts.get(id)).toBe(3);
    }
  });

  it('are paged on from the cursor of a page that was read with others', async () => {
    const all = gql(
      '{ resources(first: 20) { nodes { id events(first: 2) { totalCount pageInfo { endCursor } nodes { type } } } } }',
    );
    const next = gql(`query($id: ID!, $after: Cursor) { resource(id: $id) {
      events(first: 2, after: $after) { nodes { type } pageInfo { hasNextPage hasPreviousPage } } } }`);
    const { resources } = await app.data(all);
    for (const { id, events } of resources.nodes.slice(0, 3)) {
      expect(events).toMatchObject({ totalCount: 3, nodes: [{ type: 'UPDATED' }, { type: 'UPDATED' }] });
      const { resource } = await app.data(next, { id, after: events.pageInfo.endCursor });
      expect(resource?.events).toEqual({
        nodes: [{ type: 'DISCOVERED' }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      });
    }
  });

  it('are rejected with a cursor that is none', async () => {
    const { body } = await postGraphql(
      app.url,
      gql('{ resources(first: 2) { nodes { id events(after: "eA") { totalCount } } } }'),
      {},
      app.operator,
    );
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
