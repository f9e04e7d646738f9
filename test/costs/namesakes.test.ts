import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscribe } from '../support/graphql.js';
import { gql, present } from '../support/typed-document.js';
import { type CostsApp, onlyApril, startCostsApp } from './costs-app.js';

let app: CostsApp;
let invoiceId: string;
beforeAll(async () => {
  app = await startCostsApp();
  await onlyApril(app);
  await app.ingestAll();
  invoiceId = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
});
afterAll(() => app.close());

const LINES = gql(`{ costLines(first: 100) {
  nodes { description matchStatus matchReason resource { id name providerId } } } }`);
const linesOf = async (name: string) =>
  (await app.data(LINES)).costLines.nodes.filter((line) => line.description.startsWith(`${name} (`));
const counts = async () => {
  const rows = await app.sql(
    'select match_status as status, count(*)::int as count from live_cost_lines group by 1 order by 1',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};
const GOLDEN = { matched: 17, historic: 11, tax: 1, account_level: 1, unmatched: 3 };

/** Puts a droplet of that name into the account, as a stranger may, and has it synced. */
async function addNamesake(id: number, name: string, createdAt: string) {
  const droplets: any[] = Object.values(await app.sandbox('GET', 'state/droplets'));
  const like = droplets.find((droplet) => droplet.name === name);
  await app.sandbox('PUT', `state/droplets/${id}`, { ...like, id, name, created_at: createdAt });
  await app.sync(['droplets']);
}

describe('the lines of a resource stay with it', () => {
  const NAME = 'git.sky-ai.com';
  let before: any[];
  beforeAll(async () => {
    before = await linesOf(NAME);
    expect(await counts()).toEqual(GOLDEN);
    expect(before.map((line) => line.matchStatus)).toEqual(Array(before.length).fill('MATCHED'));
    expect(before.length).toBeGreaterThan(1);
  });
  const resourcesOf = (lines: any[]) => lines.map((line) => [line.description, line.resource?.id]);

  it('though another tenant creates one of its name', async () => {
    await addNamesake(777, NAME, '2026-05-02T00:00:00Z');
    await app.ingestAnew(invoiceId);
    expect(await linesOf(NAME)).toEqual(before);
    expect(await counts()).toEqual(GOLDEN);
  });

  it('though the other one existed in that month too, from later on', async () => {
    await addNamesake(777, NAME, '2026-04-29T00:00:00Z');
    await app.ingestAnew(invoiceId);
    expect(resourcesOf(await linesOf(NAME))).toEqual(resourcesOf(before));
    expect(await counts()).toEqual(GOLDEN);
  });

  it('though only what was billed before tells which', async () => {
    await addNamesake(777, NAME, '2015-01-01T00:00:00Z');
    await app.ingestAnew(invoiceId);
    const lines = await linesOf(NAME);
    expect(resourcesOf(lines)).toEqual(resourcesOf(before));
    expect(lines[0]?.matchReason).toBe(
      `The droplet "${NAME}", told from its namesakes by earlier lines that bill it, bears the billed name.`,
    );
    expect(await counts()).toEqual(GOLDEN);
  });

  it('but are nobody’s if nothing tells which', async () => {
    await app.sql(`delete from cloud_cost_lines where resource_id is not null`);
    await app.ingestAnew(invoiceId);
    expect(new Set((await linesOf(NAME)).map((line) => line.matchStatus))).toEqual(new Set(['AMBIGUOUS']));
  });
});

describe('a tenant that takes the name of another’s resource as its slug', () => {
  it('gets a droplet whose name ends in the start of its deployment’s id, and the other keeps its lines', async () => {
    const before = await linesOf('studio-demo');
    expect(before.map((line) => line.matchStatus)).toEqual(Array(before.length).fill('MATCHED'));
    const plan = await app.data(
      gql(
        'mutation { createPlan(input: { code: "open", name: "open" }) { plan { id } } createPlanVersion(input: { planCode: "open", basePriceCents: 1000, items: [], allowedSizes: ["s-1vcpu-1gb"], maxDeployments: 3 }) { planVersion { id } } }',
      ),
    );
    await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), {
      id: plan.createPlanVersion.planVersion.id,
    });
    const { createDeployment } = await app.data(
      gql(
        'mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } saga { id } } }',
      ),
      {
        input: {
          slug: 'studio-demo',
          displayName: 'studio-demo',
          planCode: 'open',
          provision: { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' },
        },
      },
      app.tenant('bees', []),
    );
    const progress = subscribe(
      app.url,
      app.operator,
      gql('subscription($id: ID!) { sagaProgress(sagaId: $id) { status } }'),
      {
        id: present(createDeployment.saga).id,
      },
    );
    for await (const _event of progress);
    await progress.close();
    const { resources } = await app.data(
      gql('query($id: ID!) { resources(filter: { deploymentId: $id }) { nodes { name tenantId } } }'),
      { id: createDeployment.deployment.id },
    );
    expect(resources.nodes).toEqual([
      { name: `studio-demo-${createDeployment.deployment.id.slice(0, 8)}`, tenantId: 'bees' },
    ]);
    await app.sync(['droplets']);
    await app.ingestAnew(invoiceId);
    expect(await linesOf('studio-demo')).toEqual(before);
  });
});
