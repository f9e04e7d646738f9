import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type AnyDocument, type DataOf, gql, present } from '../support/typed-document.js';

let app: TestApp;
let acme: string;
let ids: { studio: string; parish: string; mine: string; theirs: string };

beforeAll(async () => {
  app = await startTestApp();
  acme = app.tenant('acme');
  await app.sync(SYNC_SCOPES);
  const { projects } = await app.data(gql('{ projects { nodes { id name } } }'));
  const projectOf = (name: string) => present(projects.nodes.find((project) => project.name === name)).id;
  const classify = gql(
    'mutation($id: ID!, $tenantId: String) { classifyProject(id: $id, tenantId: $tenantId) { project { id } } }',
  );
  await app.data(classify, { id: projectOf('studio'), tenantId: 'acme' });
  await app.data(classify, { id: projectOf('holy-spirit-parish'), tenantId: 'parish' });
  const { resources } = await app.data(gql('{ resources(first: 200) { nodes { id name } } }'));
  const resourceOf = (name: string) => present(resources.nodes.find((resource) => resource.name === name)).id;
  ids = {
    studio: projectOf('studio'),
    parish: projectOf('holy-spirit-parish'),
    mine: resourceOf('studio-demo'),
    theirs: resourceOf('parish-bulletin'),
  };
});
afterAll(() => app.close());

describe('a tenant', () => {
  it('sees its own resources and projects only, and counts no others', async () => {
    const { resources, projects } = await app.data(
      gql(`{ resources(first: 200, filter: { includeDeleted: true }) { totalCount nodes { name tenantId project { name tenantId } events { totalCount } } }
         projects { totalCount nodes { name resources { totalCount nodes { name tenantId project { name } } } } } }`),
      {},
      acme,
    );
    expect(resources.nodes.map((node) => node.name).sort()).toEqual([
      'skyai-studio.com',
      'studio-demo',
      'studio-uploads',
    ]);
    expect(resources.totalCount).toBe(3);
    expect(new Set(resources.nodes.map((node) => node.tenantId))).toEqual(new Set(['acme']));
    expect(projects).toMatchObject({ totalCount: 1, nodes: [{ name: 'studio', resources: { totalCount: 3 } }] });
  });

  it('is answered for another’s row as for one that does not exist', async () => {
    const look = gql(
      'query($resource: ID!, $project: ID!) { resource(id: $resource) { name } project(id: $project) { name } }',
    );
    expect(await app.data(look, { resource: ids.mine, project: ids.studio }, acme)).toEqual({
      resource: { name: 'studio-demo' },
      project: { name: 'studio' },
    });
    const nothing = { resource: null, project: null };
    expect(await app.data(look, { resource: ids.theirs, project: ids.parish }, acme)).toEqual(nothing);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await app.data(look, { resource: unknown, project: unknown }, acme)).toEqual(nothing);
    expect(await app.data(look, { resource: 'no id', project: 'no id' }, acme)).toEqual(nothing);
  });

  it('finds nothing of another tenant by any filter', async () => {
    const list = gql('query($filter: ResourceFilter) { resources(filter: $filter) { totalCount nodes { id } } }');
    for (const filter of [{ projectId: ids.parish }, { nameContains: 'parish' }, { tag: 'parish' }]) {
      expect(await app.data(list, { filter }, acme)).toEqual({ resources: { totalCount: 0, nodes: [] } });
    }
    const { body } = await app.graphql(list, { filter: { tenantId: 'parish' } }, acme);
    expect(body.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  it('of no project sees nothing at all', async () => {
    expect(
      await app.data(gql('{ resources { totalCount } projects { totalCount } }'), {}, app.tenant('nobody')),
    ).toEqual({
      resources: { totalCount: 0 },
      projects: { totalCount: 0 },
    });
  });

  const rejected: [string, AnyDocument][] = [
    ['syncRuns', gql('{ syncRuns { nodes { id } } }')],
    ['startSync', gql('mutation { startSync { runs { id } } }')],
    ['classifyProject', gql('mutation($id: ID!) { classifyProject(id: $id, tenantId: "acme") { project { id } } }')],
  ];
  it.each(rejected)('is told that %s is not for tenants, and changes nothing', async (_name, query) => {
    const before = await app.sql(
      'select (select count(*) from sync_runs) as runs, (select json_agg(tenant_id order by id) from cloud_projects) as tenants',
    );
    const { body } = await app.raw(query, { id: ids.parish }, acme);
    expect(body.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    expect(
      await app.sql(
        'select (select count(*) from sync_runs) as runs, (select json_agg(tenant_id order by id) from cloud_projects) as tenants',
      ),
    ).toEqual(before);
  });
});

describe('a resource that moves between tenants', () => {
  const ASSIGN = gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }');
  const HISTORY = gql(`query($id: ID!) { resource(id: $id) {
    events(first: 3) { totalCount nodes { type changes actor } pageInfo { hasNextPage } } } }`);
  const createDeployment = async (slug: string, tenantId: string): Promise<string> => {
    const { createDeployment } = await app.data(
      gql('mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }'),
      { input: { slug, displayName: slug, tenantId } },
    );
    return createDeployment.deployment.id;
  };
  const move = (to: string | null) => app.data(ASSIGN, { id: ids.mine, to });
  const historyAs = async (token: string) => (await app.data(HISTORY, { id: ids.mine }, token)).resource?.events;
  const moved = (from: string | null, to: string | null) => ({
    type: 'UPDATED',
    changes: { deploymentId: { from, to } },
    actor: 'somebody@platform-admin',
  });

  it('shows each tenant no deployment of the other, and no history from the time with it', async () => {
    const [theirs, own] = [await createDeployment('theirs', 'parish'), await createDeployment('own', 'acme')];
    const parish = app.tenant('parish');
    const discovered = { type: 'DISCOVERED', changes: {}, actor: expect.stringMatching(/^sync:/) };
    await move(theirs);
    expect(await historyAs(acme)).toBeUndefined();
    expect((await historyAs(parish))?.nodes).toEqual([moved(null, theirs), discovered]);
    await move(own);
    expect(await historyAs(parish)).toBeUndefined();
    expect(await historyAs(acme)).toEqual({
      totalCount: 1,
      nodes: [moved(null, own)],
      pageInfo: { hasNextPage: false },
    });
    await move(theirs);
    expect(await historyAs(parish)).toMatchObject({ totalCount: 1, nodes: [moved(null, theirs)] });
    await move(null);
    expect(await historyAs(acme)).toMatchObject({ totalCount: 1, nodes: [moved(null, null)] });
    expect((await historyAs(app.operator))?.nodes).toEqual([
      moved(theirs, null),
      moved(own, theirs),
      moved(theirs, own),
    ]);
  });
});

describe('every mutation', () => {
  it('leaves an audit row: who, what, when, inputs and outcome', async () => {
    await app.sql('truncate audit_entries');
    await app.graphql(gql('mutation { startSync(scopes: [FIREWALLS]) { runs { id } } }'), {}, acme);
    await app.graphql(gql('mutation($id: ID!) { classifyProject(id: $id, purpose: "x") { project { id } } }'), {
      id: 'none',
    });
    await app.data(gql('mutation($id: ID!) { classifyProject(id: $id, tenantId: "acme") { project { id } } }'), {
      id: ids.studio,
    });
    const rows = await app.sql(
      'select subject, tenant_id, mutation, inputs, outcome, finished_at >= at as finished from audit_entries order by id',
    );
    expect(rows).toEqual([
      {
        subject: 'somebody@acme',
        tenant_id: 'acme',
        mutation: 'startSync',
        inputs: { scopes: ['firewalls'] },
        outcome: 'FORBIDDEN',
        finished: true,
      },
      {
        subject: 'somebody@platform-admin',
        tenant_id: 'platform-admin',
        mutation: 'classifyProject',
        inputs: { id: 'none', purpose: 'x' },
        outcome: 'NOT_FOUND',
        finished: true,
      },
      {
        subject: 'somebody@platform-admin',
        tenant_id: 'platform-admin',
        mutation: 'classifyProject',
        inputs: { id: ids.studio, tenantId: 'acme' },
        outcome: 'OK',
        finished: true,
      },
    ]);
  });
});

describe('paging', () => {
  it('goes through everything once, in one order, while rows change and come', async () => {
    const page = gql(
      'query($after: Cursor) { resources(first: 7, after: $after) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    );
    const all = (await app.data(gql('{ resources(first: 200) { nodes { id } } }'))).resources.nodes.map(
      (node) => node.id,
    );
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { resources }: DataOf<typeof page> = await app.data(page, { after });
      seen.push(...resources.nodes.map((node) => node.id));
      expect(resources.edges.map((edge) => edge.node.id)).toEqual(resources.nodes.map((node) => node.id));
      expect(resources.pageInfo).toMatchObject({
        hasPreviousPage: after !== null,
        startCursor: resources.edges[0]?.cursor,
        endCursor: resources.edges.at(-1)?.cursor,
      });
      await app.sql(`update cloud_resources set name = name || '!', last_seen_at = now() where id = $1`, [
        resources.nodes[0]?.id,
      ]);
      after = resources.pageInfo.endCursor;
      if (!resources.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(all);
  });

  it('refuses a cursor that it did not give', async () => {
    for (const after of [
      'nonsense',
      Buffer.from('["1","2"]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
    ]) {
      const { body } = await app.graphql(gql('query($after: Cursor) { resources(after: $after) { nodes { id } } }'), {
        after,
      });
      expect(body.errors?.[0]?.extensions).toEqual({
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'after', message: 'is not a cursor of this list' }],
      });
    }
  });
});

describe('compiled queries', () => {
  it('answer as uncompiled ones do, with data, with refused fields and with refused variables', async () => {
    const asks: [AnyDocument, object, string][] = [
      [
        gql(
          '{ resources(first: 5) { nodes { kind name tags attrs firstSeenAt project { name purpose } events(first: 1) { nodes { type at } } } } }',
        ),
        {},
        app.operator,
      ],
      [gql('{ viewer { subject } syncRuns { nodes { id } } }'), {}, acme],
      [gql('query($first: Int) { resources(first: $first) { nodes { id } } }'), { first: 'five' }, app.operator],
      [gql('query($first: Int) { resources(first: $first) { nodes { id } } }'), { first: 0 }, app.operator],
    ];
    for (const [query, variables, token] of asks) {
      const answers = [];
      for (let n = 0; n < 5; n++) answers.push((await app.raw(query, variables, token)).body);
      for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0]);
    }
  });
});
