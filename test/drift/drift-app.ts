import { type SagaApp, startSagaApp } from '../sagas/saga-app.js';
import type { TestAppOptions } from '../support/app.js';
import type { DriftStatus } from '../support/graphql.generated.js';
import { type DataOf, gql, present } from '../support/typed-document.js';

export interface ProvisionedDroplet {
  readonly resourceId: string;
  readonly dropletId: string;
}

export interface DriftApp extends SagaApp {
  /** A droplet of s-1vcpu-1gb in syd1, made by its saga, and known with the spec of that. */
  provision(name: string, other?: { deploymentId?: string; image?: string }): Promise<ProvisionedDroplet>;
  /** Asks more of it than its saga did, as an earlier acceptance would have left it. */
  alsoWant(droplet: ProvisionedDroplet, spec: object): Promise<void>;
  /** Somebody else asks the provider for something. */
  elsewhere(method: string, path: string, body: object): Promise<void>;
  /** Somebody else changes the droplet at the provider, and the inventory learns of it. */
  resizeElsewhere(droplet: ProvisionedDroplet, size: string): Promise<void>;
  patchElsewhere(droplet: ProvisionedDroplet, patch: object): Promise<void>;
  detect(token?: string): Promise<{ checked: number; opened: number; closedAsStale: number }>;
  /** Every drift of the resource, newest first. */
  drifts(
    droplet: ProvisionedDroplet,
    status?: DriftStatus,
  ): Promise<NonNullable<DataOf<typeof DRIFTS>['resource']>['drifts']>;
  spec(droplet: ProvisionedDroplet): Promise<{ spec: Record<string, unknown>; specVersion: number }>;
  /** Every row of drift, specs and sagas, and what came in at the provider: a refusal leaves it as it was. */
  everything(): Promise<unknown>;
}

export const ACCEPT = gql(
  'mutation Accept($id: ID!) { acceptDrift(id: $id) { drift { id status expected actual resolvedBy } saga { id } } }',
);
export const REVERT = gql(
  'mutation Revert($id: ID!) { revertDrift(id: $id) { drift { id status } saga { id kind status inputs } } }',
);
export const DETECT = gql('mutation Detect { detectDrift { checked opened closedAsStale } }');

const PROVISION = gql(
  `mutation Provision($input: ProvisionDropletInput!) { provisionDroplet(input: $input) { saga { id } } }`,
);
const DRIFTS = gql(`query Drifts($id: ID!, $status: DriftStatus) { resource(id: $id) {
  drifts(status: $status) { id field expected actual status detectedAt resolvedAt resolvedBy resource { id } } } }`);
const SPEC = gql('query Spec($id: ID!) { resource(id: $id) { provisioned { spec specVersion } } }');

export async function startDriftApp(options: TestAppOptions = {}): Promise<DriftApp> {
  const app = await startSagaApp(options);
  const elsewhere = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${app.sandboxUrl}/v2/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: 'Bearer somebody-else' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  return {
    ...app,
    elsewhere,
    async provision(name, other) {
      const input = { name, sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1', ...other };
      const { provisionDroplet } = await app.data(PROVISION, { input });
      const { context } = await app.ended(provisionDroplet.saga.id);
      return { resourceId: context.resourceId, dropletId: context.dropletId };
    },
    async alsoWant({ resourceId }, spec) {
      await app.sql('update cloud_provisioned set spec = spec || $2 where resource_id = $1', [
        resourceId,
        JSON.stringify(spec),
      ]);
    },
    async resizeElsewhere({ dropletId }, size) {
      for (const action of [{ type: 'power_off' }, { type: 'resize', size, disk: false }, { type: 'power_on' }]) {
        await elsewhere('POST', `droplets/${dropletId}/actions`, action);
      }
      await app.sync(['droplets']);
    },
    async patchElsewhere({ dropletId }, patch) {
      await app.sandbox('PATCH', `state/droplets/${dropletId}`, patch);
      await app.sync(['droplets']);
    },
    async detect(token) {
      return (await app.data(DETECT, {}, token)).detectDrift;
    },
    async drifts({ resourceId }, status) {
      return present((await app.data(DRIFTS, { id: resourceId, status })).resource).drifts;
    },
    async spec({ resourceId }) {
      return present(present((await app.data(SPEC, { id: resourceId })).resource).provisioned);
    },
    async everything() {
      const tables = await app.sql(`select
        (select json_agg(drift order by number) from cloud_drift drift) as drifts,
        (select json_agg(provisioned order by id) from cloud_provisioned provisioned) as specs,
        (select json_agg(run order by number) from saga_runs run) as sagas`);
      const { requests } = await app.sandbox('GET', 'requests');
      return { tables, changes: requests.filter(({ method }) => method !== 'GET') };
    },
  };
}
