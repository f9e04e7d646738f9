import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { startTestApp, type TestApp, tokenOf } from '../support/app.js';
import { gql, present } from '../support/typed-document.js';
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
  let now = new Date('2026-04-01T12:00:00Z');
  const seeded = await startTestApp({ clock: () => now });
  await seedCatalog(seeded.app);
  await seeded.sync(['projects', 'droplets', 'domains', 'snapshots', 'backups', 'volumes']);
  const made = await seedDeployment(seeded);
  now = new Date('2026-05-20T12:00:00Z');
  const app = await startTestApp({
    worker: false,
    databaseUrl: seeded.databaseUrl,
    sandboxUrl: seeded.sandboxUrl,
    clock: () => now,
    environment: { RATE_LIMIT_PER_MINUTE: '100000000' },
  });
  const ids = await seedBooks(app, made);
  const close = async () => {
    await app.close();
    await seeded.close();
  };
  return { app: { ...app, close }, sampleOf: (type, name, field) => sampleOf(ids, type, name, field) };
}

type Ids = Readonly<Record<string, string>>;

/** A deployment with a droplet, on a plan that includes nothing, so that its use is billed. */
async function seedDeployment(app: TestApp): Promise<Ids> {
  await app.data(gql('mutation { createPlan(input: { code: "metered", name: "Metered" }) { plan { id } } }'));
  const { createPlanVersion } = await app.data(
    gql(`mutation { createPlanVersion(input: { planCode: "metered", basePriceCents: 100, allowedSizes: ["s-1vcpu-1gb"], items: [
       { kind: DROPLET_HOURS, includedQuantity: "0", overageUnit: "hour", overagePriceCents: "1" }] }) { planVersion { id } } }`),
  );
  const version = createPlanVersion.planVersion.id;
  await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id: version });
  const { createDeployment } = await app.data(
    gql(`mutation { createDeployment(input: { slug: "fuzzed", displayName: "Fuzzed", tenantId: "acme", planCode: "metered",
       provision: { sizeSlug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", region: "syd1" } }) { deployment { id } saga { id } } }`),
  );
  const deployment = createDeployment.deployment.id;
  const { id: resource } = await app.row<{ id: string }>(
    `select id from cloud_resources where kind = 'droplet' order by provider_id`,
  );
  await app.data(gql('mutation($id: ID!, $d: ID) { assignResource(id: $id, deploymentId: $d) { resource { id } } }'), {
    id: resource,
    d: deployment,
  });
  return { deployment, resource, version, saga: present(createDeployment.saga).id };
}

/** April metered and billed, and the provider's invoices listed. */
async function seedBooks(app: TestApp, made: Ids): Promise<Ids> {
  await app.data(
    gql(
      `mutation { setFxRate(input: { base: USD, quote: AUD, rate: "1.5", effectiveFrom: "2026-01-01" }) { fxRate { rate } } }`,
    ),
  );
  await app.data(gql('mutation { refreshBalance { balance { takenAt } } discoverCloudInvoices { discovered } }'));
  await app.data(
    gql(`mutation($d: ID!) { recordLlmUsage(events: [{ deploymentId: $d, gatewayRequestId: "request-0", model: "m", charge: "1",
       inputTokens: 1, outputTokens: 1, occurredAt: "2026-04-10T00:00:00Z" }]) { results { outcome } } }`),
    { d: present(made['deployment']) },
  );
  for (let day = 1; day <= 30; day++) {
    await app.data(gql('mutation($day: Date!) { meterUsage(day: $day) { __typename } }'), {
      day: `2026-04-${String(day).padStart(2, '0')}`,
    });
  }
  await app.data(gql('mutation { rollUpInvoices(period: "2026-04-01") { created } }'));
  const found = await app.row<Ids>(
    `select (select id from cloud_projects limit 1) as project, (select id from invoices limit 1) as invoice,
       (select id::text from invoice_lines where kind = 'overage' limit 1) as line,
       (select id from subscriptions limit 1) as subscription, (select id from cloud_invoices limit 1) as "cloudInvoice"`,
  );
  return { ...found, ...made };
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
