import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { normalizeRecordKey, recordProblems } from '../../core/provisioning/dns-record.js';
import { dropletPlaceProblems } from '../../core/provisioning/droplet-spec.js';
import { provisionDeploymentSteps } from '../../core/sagas/sagas.js';
import { readsWithin } from '../../database/reads.js';
import type { Deployment } from '../../entities/deployment.js';
import { requireActiveVersion } from '../catalog/list-catalog.js';
import type { PlanVersionRow } from '../catalog/plan-versions.js';
import { insertDeployment, type NewDeployment } from '../deployments/create-deployment.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { announceSaga, startSaga } from '../sagas/start-saga.js';
import { lockAllowance, rejectOverAllowance } from '../subscriptions/plan-allowance.js';
import { insertSubscription } from '../subscriptions/subscribe-deployment.js';
import { rejectProblems } from '../validation/problems.js';
import { claimRecord } from './claim-record.js';
import { rejectForeignDomain, rejectForeignImage } from './provider-names.js';
import { choosePlanCode, rejectSize } from './provisioning-plan.js';
import type { RequestSagaApp } from './request-saga.js';

export interface DnsTarget {
  readonly domain: string;
  /** Host part, `@` for the apex. */
  readonly name: string;
  readonly ttl: number;
}

export interface Provisioning {
  readonly sizeSlug: string;
  readonly image: string;
  readonly region: string;
  readonly dns?: DnsTarget | null | undefined;
}

export interface NewProvisionedDeployment extends NewDeployment {
  readonly planCode?: string | null | undefined;
  readonly provision?: Provisioning | null | undefined;
}

export interface ProvisionedDeployment {
  readonly deployment: Deployment;
  readonly saga: SagaRow | null;
}

/**
 * A deployment that is active at once; with `provision` one whose saga makes its droplet first. With `planCode` it is
 * subscribed to that plan in the same transaction. A tenant provisions only what its plan allows, of what is its own.
 */
export async function createAndProvisionDeployment(
  app: RequestSagaApp & Pick<App, 'config'>,
  viewer: Viewer,
  { provision, planCode, ...input }: NewProvisionedDeployment,
): Promise<ProvisionedDeployment> {
  if (!provision) return { deployment: await createUnprovisioned(app, viewer, input, planCode), saga: null };
  const { dns: wantedDns, ...place } = provision;
  rejectProblems(dropletPlaceProblems(place, 'input.provision'));
  const dns = wantedDns ? normalizeDns(wantedDns) : null;
  const { deployment, saga } = await app.db.transaction(async (db) => {
    const at = app.clock();
    const tenantId = tenantOf(viewer, input);
    const version = await requirePlan(db, viewer, tenantId, await choosePlanCode(db, viewer, planCode));
    const made = await insertDeployment(db, viewer, { region: place.region, ...input }, 'provisioning', at);
    if (version && !viewer.isOperator) rejectSize(version, place.sizeSlug);
    await rejectForeignImage(app, db, viewer, tenantId, place.image, 'input.provision.image');
    if (dns) await rejectForeignDomain(app, db, viewer, tenantId, dns.domain, `${DNS_PATH}.domain`);
    if (version) await insertSubscription(db, viewer, made, version, FROM_TODAY, at);
    const name = hostNameOf(viewer, made);
    const inputs = { deploymentId: made.id, name, ...place, tags: [], ...(dns ? { dns } : {}) };
    const steps = provisionDeploymentSteps(dns !== null);
    const started = await startSaga(db, viewer, at, {
      kind: 'provision_deployment',
      steps,
      inputs,
      deployment: made,
    });
    if (dns) await claimRecord(db, { ...dns, type: 'A' }, started.id);
    return { deployment: made, saga: started };
  });
  await announceSaga(app, saga);
  return { deployment, saga: await getSaga(app, viewer, saga.id) };
}

const FROM_TODAY = { addons: [], startsOn: null } as const;

/** Only an operator acts for another tenant; a tenant that names one is rejected when the deployment is inserted. */
function tenantOf(viewer: Viewer, { tenantId }: NewDeployment): string {
  return viewer.isOperator ? (tenantId ?? viewer.tenantId) : viewer.tenantId;
}

async function createUnprovisioned(
  app: RequestSagaApp,
  viewer: Viewer,
  input: NewDeployment,
  planCode: string | null | undefined,
): Promise<Deployment> {
  return app.db.transaction(async (db) => {
    const at = app.clock();
    const version = await requirePlan(db, viewer, tenantOf(viewer, input), planCode ?? null);
    const deployment = await insertDeployment(db, viewer, input, 'active', at);
    if (version) await insertSubscription(db, viewer, deployment, version, FROM_TODAY, at);
    return deployment;
  });
}

/** The plan's active version, with room for one more deployment of the tenant; null without a plan. */
async function requirePlan(
  db: EntityManager,
  viewer: Viewer,
  tenantId: string,
  planCode: string | null,
): Promise<PlanVersionRow | null> {
  if (planCode === null) return null;
  const version = await requireActiveVersion(readsWithin(db), planCode, 'input.planCode');
  if (viewer.isOperator) return version;
  await lockAllowance(db, tenantId);
  await rejectOverAllowance(db, tenantId, null, version, 'input.planCode');
  return version;
}

const MAX_NAME_STEM = 54;

/**
 * The droplet's name. A tenant's ends in a part of the deployment's id: names find the resources of cost lines, so no
 * tenant may choose the name of another's resource. Slugs may hold what host names may not.
 */
function hostNameOf(viewer: Viewer, { id, slug }: Deployment): string {
  const stem = slug.replaceAll('_', '-');
  return viewer.isOperator
    ? stem.replace(/-+$/, '')
    : `${stem.slice(0, MAX_NAME_STEM).replace(/-+$/, '')}-${id.slice(0, 8)}`;
}

const DNS_PATH = 'input.provision.dns';

/** Throws BAD_USER_INPUT if it is not a valid record. */
function normalizeDns(wanted: DnsTarget): DnsTarget {
  const { type, ...dns } = normalizeRecordKey({ ...wanted, type: 'A' });
  rejectProblems(recordProblems({ ...dns, type, data: '192.0.2.1' }, DNS_PATH));
  return dns;
}
