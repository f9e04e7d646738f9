import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { startTestApp, type TestApp, type TestAppOptions } from './app.js';
import { gql } from './typed-document.js';

export interface BillingApp extends TestApp {
  /** Sets the program's clock to that instant, or to noon of that day. */
  setTime(to: string): void;
  createDeployment(slug: string, tenantId?: string): Promise<string>;
  /** Answers the subscription's id. */
  subscribe(
    deploymentId: string,
    planCode: string,
    options?: { addons?: string[]; startsOn?: string },
  ): Promise<string>;
  /** Every row of the billing area, to see that a refusal changed nothing. */
  rows(): Promise<Record<string, unknown[] | null>>;
  /** A resource of a deployment, as a sync would have left it. */
  addResource(deploymentId: string, resource: TestResource): Promise<string>;
}

export interface TestResource {
  readonly kind: string;
  readonly name: string;
  readonly status?: string;
  readonly attrs?: object;
}

const TABLES = [
  ...['plans', 'plan_versions', 'plan_items', 'addons', 'resource_prices', 'deployments', 'deployment_events'],
  ...[
    'subscriptions',
    'subscription_segments',
    'subscription_addons',
    'usage_records',
    'metered_days',
    'metering_config',
  ],
  ...['llm_usage_events', 'invoices', 'invoice_lines', 'invoice_numbers', 'cloud_resources', 'cloud_resource_events'],
];

/** The program with its catalog and a clock that the test sets. Tokens are good for the real hour. */
export async function startBillingApp(startsAt: string, options: TestAppOptions = {}): Promise<BillingApp> {
  let now = new Date();
  const setTime = (to: string) => {
    now = new Date(to.includes('T') ? to : `${to}T12:00:00Z`);
  };
  setTime(startsAt);
  const app = await startTestApp({ worker: false, clock: () => now, ...options });
  await seedCatalog(app.app);
  return {
    ...app,
    setTime,
    async createDeployment(slug, tenantId = 'acme') {
      const { createDeployment } = await app.data(
        gql('mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }'),
        { input: { slug, displayName: slug, tenantId } },
      );
      return createDeployment.deployment.id;
    },
    async subscribe(id, planCode, options = {}) {
      const { subscribeDeployment } = await app.data(
        gql(`mutation($id: ID!, $planCode: String!, $addons: [String!]! = [], $startsOn: Date) {
          subscribeDeployment(id: $id, planCode: $planCode, addons: $addons, startsOn: $startsOn) { subscription { id } } }`),
        { id, planCode, ...options },
      );
      return subscribeDeployment.subscription.id;
    },
    async rows() {
      const columns = TABLES.map((table) => `(select json_agg(t order by t::text) from ${table} t) as ${table}`);
      return app.row(`select ${columns.join(', ')}`);
    },
    async addResource(deploymentId, { kind, name, status = 'active', attrs = {} }) {
      const { id } = await app.row<{ id: string }>(
        `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, attrs, deployment_id, tenant_id,
           first_seen_at, last_seen_at)
         select 'digitalocean', $1, $1, gen_random_uuid()::text, $2, $3, $4, id, tenant_id, '2025-01-01', '2025-01-01'
         from deployments where id = $5 returning id`,
        [kind, name, status, JSON.stringify(attrs), deploymentId],
      );
      return id;
    },
  };
}
