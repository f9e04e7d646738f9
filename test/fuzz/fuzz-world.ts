import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { startTestApp, type TestApp, tokenOf } from '../support/app.js';
import type { SampleOf } from './targets.js';

export const ROLES = {
  operator: tokenOf('ops', ['platform-admin']),
  tenant: tokenOf('acme', ['member']),
  nobody: tokenOf('stranger', []),
  gateway: tokenOf('acme', ['llm-gateway']),
} as const;
export type Role = keyof typeof ROLES;

export interface FuzzWorld {
  readonly app: TestApp;
  readonly sampleOf: SampleOf;
}

/** The program with a few rows of everything, so that resolvers below lists run too. No worker: nothing changes the cloud. */
export async function startFuzzWorld(): Promise<FuzzWorld> {
  const seeded = await startTestApp({ clock: () => new Date('2026-05-20T12:00:00Z') });
  await seedCatalog(seeded.app);
  await seeded.sync(['projects', 'droplets', 'domains', 'snapshots', 'backups', 'volumes']);
  const app = await startTestApp({
    worker: false,
    databaseUrl: seeded.databaseUrl,
    sandboxUrl: seeded.sandboxUrl,
    clock: () => new Date('2026-05-20T12:00:00Z'),
    environment: { RATE_LIMIT_PER_MINUTE: '100000000' },
  });
  const ids = await seedRows(app);
  const close = async () => {
    await app.close();
    await seeded.close();
  };
  return { app: { ...app, close }, sampleOf: (type, name, field) => sampleOf(ids, type, name, field) };
}

type Ids = Readonly<Record<string, string>>;

async function seedRows(app: TestApp): Promise<Ids> {
  const { createDeployment } = await app.data(
    `mutation { createDeployment(input: { slug: "fuzzed", displayName: "Fuzzed", tenantId: "acme", planCode: "studio",
       provision: { sizeSlug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", region: "syd1" } }) { deployment { id } saga { id } } }`,
  );
  const deployment = createDeployment.deployment.id;
  await app.data(
    `mutation { setFxRate(input: { base: USD, quote: AUD, rate: "1.5", effectiveFrom: "2026-01-01" }) { fxRate { rate } } }`,
  );
  const [{ id: resource }] = await app.sql(
    `select id from cloud_resources where kind = 'droplet' order by provider_id`,
  );
  await app.data('mutation($id: ID!, $d: ID) { assignResource(id: $id, deploymentId: $d) { resource { id } } }', {
    id: resource,
    d: deployment,
  });
  await app.data('mutation { refreshBalance { balance { takenAt } } discoverCloudInvoices { discovered } }');
  await app.data('mutation { meterUsage(day: "2026-05-19") { written } }').catch(() => undefined);
  await app.data('mutation { rollUpInvoices(period: "2026-05-01", force: true) { created } }');
  const [found] = await app.sql(
    `select (select id from cloud_projects limit 1) as project, (select id from invoices limit 1) as invoice,
       (select id::text from invoice_lines limit 1) as line, (select id from subscriptions limit 1) as subscription,
       (select id from plan_versions limit 1) as version, (select id from cloud_invoices limit 1) as "cloudInvoice",
       (select id from sync_runs limit 1) as run`,
  );
  return { ...found, deployment, resource, saga: createDeployment.saga.id };
}

/** A good value, so that one bad one beside it is what is looked at. */
function sampleOf(ids: Ids, type: string, name: string, field: string): unknown {
  switch (type) {
    case 'ID':
      return idOf(ids, name, field);
    case 'Boolean':
      return true;
    case 'Int':
    case 'SafeInt':
      return 1;
    case 'Decimal':
      return '1';
    case 'Date':
      return '2026-05-01';
    case 'DateTime':
      return '2026-05-01T00:00:00Z';
    case 'Cursor':
      return Buffer.from('["1"]').toString('base64url');
    default:
      return textOf(name);
  }
}

function idOf(ids: Ids, name: string, field: string): string | undefined {
  const known = Object.keys(ids).find((kind) => `${kind}id` === name.toLowerCase());
  if (known) return ids[known];
  const kinds: [RegExp, string][] = [
    [/saga/i, 'saga'],
    [/deployment|billingAction/i, 'deployment'],
    [/project/i, 'project'],
    [/cloudInvoice/i, 'cloudInvoice'],
    [/invoiceLine/i, 'line'],
    [/invoice/i, 'invoice'],
    [/version/i, 'version'],
    [/subscription/i, 'subscription'],
  ];
  return ids[kinds.find(([pattern]) => pattern.test(field))?.[1] ?? 'resource'];
}

function textOf(name: string): string {
  const texts: Readonly<Record<string, string>> = {
    planCode: 'studio',
    addonCode: 'llm_1m',
    addons: 'llm_1m',
    domain: 'sky-ai.com',
    type: 'A',
    data: '203.0.113.7',
    sizeSlug: 's-1vcpu-1gb',
    image: 'ubuntu-24-04-x64',
    region: 'syd1',
    overageUnit: 'hour',
    unit: 'hour',
    gatewayRequestId: 'request-1',
  };
  return texts[name] ?? 'fuzzed';
}
