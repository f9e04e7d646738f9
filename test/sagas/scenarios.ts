import { randomUUID } from 'node:crypto';
import {
  renameDropletSteps,
  resizeDropletSteps,
  retagDropletSteps,
  type SagaKind,
  type SagaStepRef,
} from '../../src/core/sagas/sagas.js';
import { startSaga } from '../../src/services/sagas/start-saga.js';
import type { TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';
import { driveSaga } from './drive.js';
import { sagaIdOf } from './saga-app.js';

export interface Provisioned extends Record<string, unknown> {
  readonly dropletId: string;
  readonly resourceId: string;
}

/** One way to use a saga, on names of its own: `mark` is in every name that it gives. */
export interface Scenario {
  readonly title: string;
  /** What is there before; answers what `start` needs. */
  readonly given?: (app: TestApp, mark: string) => Promise<unknown>;
  /** Starts the saga with what `given` resolved to; resolves to its id. */
  readonly start: (app: TestApp, mark: string, given: never) => Promise<string>;
  /** What a saga that was rolled back leaves in our own tables; nothing, where it is not said. */
  readonly rolledBack?: readonly string[];
}

const PLACE = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
const ZONE = 'sky-ai.com';

async function contextOf(app: TestApp, sagaId: string) {
  const { status, context } = await app.row<{ status: string; context: Provisioned }>(
    'select status, context from saga_runs where id = $1',
    [sagaId],
  );
  if (status !== 'completed') throw new Error(`the saga that sets the scene is ${status}`);
  return context;
}

function provisionDroplet(app: TestApp, mark: string): Promise<string> {
  const input = { name: mark, ...PLACE, tags: ['blue'] };
  return sagaIdOf(
    app.data(gql(`mutation P($input: ProvisionDropletInput!) { provisionDroplet(input: $input) { saga { id } } }`), {
      input,
    }),
  );
}

/** A droplet of our making. */
async function aDroplet(app: TestApp, mark: string) {
  const sagaId = await provisionDroplet(app, mark);
  await driveSaga(app, sagaId);
  return contextOf(app, sagaId);
}

async function provisionDeployment(app: TestApp, mark: string, hasDns: boolean): Promise<string> {
  const provision = { ...PLACE, ...(hasDns ? { dns: { domain: ZONE, name: mark } } : {}) };
  return sagaIdOf(
    app.data(gql(`mutation C($input: CreateDeploymentInput!) { createDeployment(input: $input) { saga { id } } }`), {
      input: { tenantId: 'acme', slug: mark, displayName: mark, provision },
    }),
  );
}

function upsertRecord(app: TestApp, mark: string, data: string): Promise<string> {
  const input = { domain: ZONE, type: 'CNAME', name: mark, data };
  return sagaIdOf(
    app.data(gql(`mutation U($input: DnsRecordInput!) { upsertDnsRecord(input: $input) { saga { id } } }`), { input }),
  );
}

async function aRecord(app: TestApp, mark: string): Promise<void> {
  await driveSaga(app, await upsertRecord(app, mark, 'first.example.com'));
}

interface Revert {
  readonly kind: SagaKind;
  readonly steps: readonly SagaStepRef[];
  readonly field: string;
  readonly inputs: (mark: string) => Record<string, unknown>;
}

function reverts({ kind, steps, field, inputs }: Revert): Scenario {
  return {
    title: `puts back ${field}`,
    async given(app, mark) {
      const { dropletId, resourceId } = await aDroplet(app, mark);
      const driftId = randomUUID();
      await app.sql(
        `insert into cloud_drift (id, resource_id, field, expected, actual, status, detected_at)
         values ($1, $2, $3, '"a"', '"b"', 'open', now())`,
        [driftId, resourceId, field],
      );
      return { dropletId, resourceId, driftId };
    },
    async start(app, mark, given: Provisioned) {
      const viewer = { subject: 'somebody', tenantId: 'platform-admin' };
      const request = { kind, steps, inputs: { ...given, ...inputs(mark) }, resourceId: given.resourceId };
      return (await app.app.db.transaction((db) => startSaga(db, viewer, app.app.clock(), request))).id;
    },
  };
}

/** Every kind of saga, and every way through it that differs. */
export const SCENARIOS: readonly Scenario[] = [
  { title: 'provisions a droplet', start: provisionDroplet },
  {
    title: 'provisions a droplet for a deployment',
    async given(app, mark) {
      const { createDeployment } = await app.data(
        gql(`mutation C($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }`),
        { input: { tenantId: 'acme', slug: mark, displayName: mark } },
      );
      return createDeployment.deployment.id;
    },
    start(app, mark, deploymentId: string) {
      const input = { name: mark, ...PLACE, deploymentId };
      return sagaIdOf(
        app.data(
          gql(`mutation P($input: ProvisionDropletInput!) { provisionDroplet(input: $input) { saga { id } } }`),
          {
            input,
          },
        ),
      );
    },
  },
  {
    title: 'destroys a droplet',
    given: aDroplet,
    start: (app, _, { resourceId }: Provisioned) =>
      sagaIdOf(
        app.data(gql(`mutation D($id: ID!) { destroyDroplet(resourceId: $id) { saga { id } } }`), { id: resourceId }),
      ),
  },
  {
    title: 'takes a snapshot',
    given: aDroplet,
    start: (app, _, { resourceId }: Provisioned) =>
      sagaIdOf(
        app.data(gql(`mutation S($id: ID!) { snapshotDroplet(resourceId: $id) { saga { id } } }`), { id: resourceId }),
      ),
  },
  reverts({
    kind: 'resize_droplet',
    steps: resizeDropletSteps,
    field: 'size_slug',
    inputs: () => ({ sizeSlug: 's-2vcpu-2gb' }),
  }),
  reverts({
    kind: 'rename_droplet',
    steps: renameDropletSteps,
    field: 'name',
    inputs: (mark) => ({ name: `${mark}-b` }),
  }),
  reverts({
    kind: 'retag_droplet',
    steps: retagDropletSteps,
    field: 'tags',
    inputs: () => ({ tags: ['green', 'red'] }),
  }),
  { title: 'creates a record', start: (app, mark) => upsertRecord(app, mark, 'web.example.com.') },
  { title: 'changes a record', given: aRecord, start: (app, mark) => upsertRecord(app, mark, 'second.example.com.') },
  {
    title: 'leaves a record that is as wanted',
    given: aRecord,
    start: (app, mark) => upsertRecord(app, mark, 'first.example.com.'),
  },
  {
    title: 'deletes a record',
    given: aRecord,
    start: (app, mark) =>
      sagaIdOf(
        app.data(
          gql(
            `mutation D($name: String!) { deleteDnsRecord(domain: "sky-ai.com", type: "CNAME", name: $name) { saga { id } } }`,
          ),
          {
            name: mark,
          },
        ),
      ),
  },
  {
    title: 'deletes a record that is not there',
    start: (app, mark) =>
      sagaIdOf(
        app.data(
          gql(
            `mutation D($name: String!) { deleteDnsRecord(domain: "sky-ai.com", type: "A", name: $name) { saga { id } } }`,
          ),
          {
            name: mark,
          },
        ),
      ),
  },
  {
    title: 'provisions a deployment',
    start: (app, mark) => provisionDeployment(app, mark, false),
    rolledBack: ['+ deployment # cancelled'],
  },
  {
    title: 'provisions a deployment and points its name at it',
    start: (app, mark) => provisionDeployment(app, mark, true),
    rolledBack: ['+ deployment # cancelled'],
  },
  {
    title: 'takes a deployment down',
    async given(app, mark) {
      const sagaId = await provisionDeployment(app, mark, true);
      await driveSaga(app, sagaId);
      await contextOf(app, sagaId);
      const { id } = await app.row<{ id: string }>('select deployment_id as id from saga_runs where id = $1', [sagaId]);
      await app.data(
        gql(`mutation S($id: ID!) { subscribeDeployment(id: $id, planCode: "studio") { subscription { id } } }`),
        { id },
      );
      return id;
    },
    start: (app, _, id: string) =>
      sagaIdOf(app.data(gql(`mutation D($id: ID!) { decommissionDeployment(id: $id) { saga { id } } }`), { id })),
  },
];
