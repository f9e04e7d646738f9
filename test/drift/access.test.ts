import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnyDocument, type DataOf, gql, present } from '../support/typed-document.js';
import { ACCEPT, DETECT, type DriftApp, type ProvisionedDroplet, REVERT, startDriftApp } from './drift-app.js';

let app: DriftApp;
let droplet: ProvisionedDroplet;
let foreign: ProvisionedDroplet;
let driftId: string;
beforeAll(async () => {
  app = await startDriftApp();
  const deploy = async (tenantId: string) => {
    const { createDeployment } = await app.data(
      gql(`mutation Create($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }`),
      { input: { slug: 'site', displayName: 'Site', tenantId } },
    );
    return createDeployment.deployment.id as string;
  };
  droplet = await app.provision('acme-web', { deploymentId: await deploy('acme') });
  foreign = await app.provision('globex-web', { deploymentId: await deploy('globex') });
  await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
  await app.resizeElsewhere(foreign, 's-2vcpu-2gb');
  await app.detect();
  driftId = present((await app.drifts(droplet))[0]).id;
});
afterAll(() => app.close());

const LIST = gql(`query List($first: Int, $after: Cursor, $status: DriftStatus) {
  drifts(first: $first, after: $after, status: $status) {
    totalCount nodes { id field status resource { name } } pageInfo { hasNextPage endCursor } } }`);
const OWN = gql(
  'query Own($id: ID!) { resource(id: $id) { name drifts { field expected actual status resource { name } } } }',
);
const SPEC = gql('query Spec($id: ID!) { resource(id: $id) { name provisioned { id } } }');

describe('what is for operators', () => {
  const asks: [string, AnyDocument][] = [
    ['drifts', LIST],
    ['detectDrift', DETECT],
    ['acceptDrift', ACCEPT],
    ['revertDrift', REVERT],
  ];
  it.each(asks)(
    '%s is FORBIDDEN to a tenant, a gateway and one without roles, and nothing changes',
    async (_name, query) => {
      const before = await app.everything();
      for (const roles of [['member'], ['llm-gateway'], ['platform_admin'], []]) {
        expect(await app.codeOf(query, { id: driftId }, app.tenant('acme', roles))).toBe('FORBIDDEN');
      }
      expect(await app.everything()).toEqual(before);
    },
  );

  it('Resource.provisioned is FORBIDDEN to the tenant whose resource it is; the rest of the answer stands', async () => {
    const { body } = await app.graphql(SPEC, { id: droplet.resourceId }, app.tenant('acme'));
    expect(body.data).toEqual({ resource: { name: 'acme-web', provisioned: null } });
    expect(body.errors).toEqual([
      expect.objectContaining({
        path: ['resource', 'provisioned'],
        extensions: expect.objectContaining({ code: 'FORBIDDEN' }),
      }),
    ]);
  });
});

describe("a resource's drifts", () => {
  it("are seen by its tenant and by operators; another tenant's resource is none", async () => {
    const seen = {
      resource: {
        name: 'acme-web',
        drifts: [
          {
            field: 'size_slug',
            expected: '"s-1vcpu-1gb"',
            actual: '"s-2vcpu-2gb"',
            status: 'OPEN',
            resource: { name: 'acme-web' },
          },
        ],
      },
    };
    expect(await app.data(OWN, { id: droplet.resourceId }, app.tenant('acme'))).toEqual(seen);
    expect(await app.data(OWN, { id: droplet.resourceId })).toEqual(seen);
    expect(await app.data(OWN, { id: foreign.resourceId }, app.tenant('acme'))).toEqual({ resource: null });
  });

  it('are listed beside each resource by one query, whichever status is asked for', async () => {
    const query = gql(`{ resources(filter: { kinds: [DROPLET] }) { nodes {
      name all: drifts { field } open: drifts(status: OPEN) { field } stale: drifts(status: STALE) { field } } } }`);
    const { resources } = await app.data(query, {}, app.tenant('acme'));
    expect(resources.nodes).toEqual([
      { name: 'acme-web', all: [{ field: 'size_slug' }], open: [{ field: 'size_slug' }], stale: [] },
    ]);
    const everyone = (await app.data(query)).resources.nodes;
    expect(everyone.filter((node) => node.all.length > 0).map((node) => node.name)).toEqual(['acme-web', 'globex-web']);
    expect(everyone).toHaveLength(7);
  });
});

describe('what was asked for of a resource', () => {
  it('is shown with the saga that made it; a resource that we only found has none', async () => {
    const query = gql(`query P($id: ID!) { resource(id: $id) { provisioned {
      spec specVersion resource { name } saga { kind status } } } }`);
    expect(await app.data(query, { id: droplet.resourceId })).toEqual({
      resource: {
        provisioned: {
          spec: {
            size_slug: 's-1vcpu-1gb',
            region: 'syd1',
            image: 'ubuntu-24-04-x64',
            name: 'acme-web',
            tags: [expect.stringMatching(/^arcadia-saga-/), 'managed-by-arcadia-cloud'],
          },
          specVersion: 1,
          resource: { name: 'acme-web' },
          saga: { kind: 'PROVISION_DROPLET', status: 'COMPLETED' },
        },
      },
    });
    const { id } = await app.row<{ id: string }>(`select id from cloud_resources where name = 'git.sky-ai.com'`);
    expect(await app.data(query, { id })).toEqual({ resource: { provisioned: null } });
  });
});

describe('every change', () => {
  it('leaves an audit row, refused ones too', async () => {
    await app.sql('truncate audit_entries');
    await app.graphql(DETECT, {}, app.tenant('acme'));
    await app.data(DETECT);
    await app.codeOf(ACCEPT, { id: 'none' });
    await app.codeOf(REVERT, { id: droplet.resourceId });
    expect(await app.sql('select tenant_id, mutation, inputs, outcome from audit_entries order by id')).toEqual([
      { tenant_id: 'acme', mutation: 'detectDrift', inputs: {}, outcome: 'FORBIDDEN' },
      { tenant_id: 'platform-admin', mutation: 'detectDrift', inputs: {}, outcome: 'OK' },
      { tenant_id: 'platform-admin', mutation: 'acceptDrift', inputs: { id: 'none' }, outcome: 'NOT_FOUND' },
      {
        tenant_id: 'platform-admin',
        mutation: 'revertDrift',
        inputs: { id: droplet.resourceId },
        outcome: 'NOT_FOUND',
      },
    ]);
  });
});

describe('the list of drifts', () => {
  it('is of open ones unless told otherwise, newest first, and pages through all of them once', async () => {
    await app.sql(
      `insert into cloud_drift (resource_id, field, expected, actual, status, detected_at, resolved_at)
       select $1, 'field-' || n, '1', '2', case when n % 2 = 0 then 'open' else 'stale' end, now(),
         case when n % 2 = 0 then null else now() end
       from generate_series(1, 9) n`,
      [foreign.resourceId],
    );
    const { drifts } = await app.data(LIST);
    expect(drifts.totalCount).toBe(6);
    expect(drifts.nodes.map(({ field }) => field).slice(0, 4)).toEqual(['field-8', 'field-6', 'field-4', 'field-2']);
    expect((await app.data(LIST, { status: 'STALE' })).drifts.totalCount).toBe(5);
    expect((await app.data(LIST, { status: null })).drifts.totalCount).toBe(11);

    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: DataOf<typeof LIST>['drifts'] = (await app.data(LIST, { first: 4, after, status: null })).drifts;
      seen.push(...page.nodes.map(({ id }) => id));
      await app.sql(
        `insert into cloud_drift (resource_id, field, status, detected_at, resolved_at) values ($1, 'new', 'stale', now(), now())`,
        [foreign.resourceId],
      );
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const all = await app.sql(`select id from cloud_drift where field <> 'new' order by number desc`);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('takes one to two hundred at a time, and cursors that it gave', async () => {
    for (const variables of [{ first: 0 }, { first: 201 }, { after: 'nonsense' }]) {
      expect(await app.codeOf(LIST, variables)).toBe('BAD_USER_INPUT');
    }
  });
});
