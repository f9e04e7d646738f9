import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';

const WHOLE = {
  name: 'web',
  region: 'syd1',
  tags: ['live'],
  staleStrikeCount: 0,
  tenant: { id: 'acme' },
  project: { name: 'Acme', purpose: 'Service', tenant: { id: 'acme' } },
};

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
  await app.sql(
    `with project as (insert into cloud_projects (provider, provider_id, name, provider_purpose, tenant_id, first_seen_at, last_seen_at)
       values ('digitalocean', 'p', 'Acme', 'Service', 'acme', now(), now()) returning id)
     insert into cloud_resources (provider, kind, provider_kind, provider_id, name, region, tags, attrs, tenant_id,
       cloud_project_id, first_seen_at, last_seen_at)
     select 'digitalocean', 'droplet', 'droplet', '1', 'web', 'syd1', '{live}', '{}', 'acme', id, now(), now() from project`,
  );
});
afterAll(() => app.close());

describe('a list of resources', () => {
  it('answers what is included, however the same document was sent before', async () => {
    const query = gql(
      `query($on: Boolean!) { resources { nodes { name region @include(if: $on) tags @skip(if: $on)
        project @include(if: $on) { name } } pageInfo @include(if: $on) { hasNextPage } totalCount @include(if: $on) } }`,
    );
    // Compiled from the third time on.
    for (const on of [false, true, false, true, true, false]) {
      const { resources } = await app.data(query, { on });
      expect(resources).toEqual(
        on
          ? {
              nodes: [{ name: 'web', region: 'syd1', project: { name: 'Acme' } }],
              pageInfo: { hasNextPage: false },
              totalCount: 1,
            }
          : { nodes: [{ name: 'web', tags: ['live'] }] },
      );
    }
  });

  it('answers what fragments select, within each other and of the connection', async () => {
    const query = gql(
      `{ resources { ...Page } } fragment Page on ResourceConnection { edges { node { ...Outer } } }
       fragment Outer on Resource { name ...Inner ... on Node { id } }
       fragment Inner on Resource { region tags staleStrikeCount tenant { id } project { ...Owner } }
       fragment Owner on Project { name purpose tenant { id } }`,
    );
    for (const _ of [1, 2, 3, 4]) {
      const { resources } = await app.data(query);
      expect(resources.edges).toEqual([{ node: { ...WHOLE, id: expect.any(String) } }]);
    }
  });

  it('answers aliases, of lists and of fields, each with what it selects', async () => {
    const query = gql(
      `{ a: resources { x: nodes { title: name } y: nodes { region owner: project { label: name } } }
         b: resources { nodes { tags } } }`,
    );
    for (const _ of [1, 2, 3, 4]) {
      expect(await app.data(query)).toEqual({
        a: { x: [{ title: 'web' }], y: [{ region: 'syd1', owner: { label: 'Acme' } }] },
        b: { nodes: [{ tags: ['live'] }] },
      });
    }
  });

  it('answers a list that is selected twice as one', async () => {
    const query = gql(
      `{ resources { nodes { name } } resources { nodes { region } totalCount } ... on Query { resources { nodes { project { name } } } } }`,
    );
    for (const _ of [1, 2, 3, 4]) {
      expect(await app.data(query)).toEqual({
        resources: { nodes: [{ name: 'web', region: 'syd1', project: { name: 'Acme' } }], totalCount: 1 },
      });
    }
  });
});
