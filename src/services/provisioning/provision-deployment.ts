import type { Viewer } from '../../context.js';
import { normalizeRecordKey, recordProblems } from '../../core/dns-record.js';
import { dropletPlaceProblems } from '../../core/droplet-spec.js';
import { provisionDeploymentSteps } from '../../core/sagas.js';
import type { Deployment } from '../../entities/deployment.js';
import { BadUserInputError } from '../../errors.js';
import { refuseProblems } from '../catalog/catalog-problems.js';
import { createDeployment, insertDeployment, type NewDeployment } from '../deployments/create-deployment.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { claimRecord } from '../sagas/owning-saga.js';
import { announceSaga, startSaga } from '../sagas/start-saga.js';
import type { BeginApp } from './begin-saga.js';

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

export interface ProvisionedDeployment {
  readonly deployment: Deployment;
  readonly saga: SagaRow | null;
}

/** A deployment that is active at once; with `provision` one whose saga makes its droplet first. */
export async function createAndProvisionDeployment(
  app: BeginApp,
  viewer: Viewer,
  { provision, ...input }: NewDeployment & { readonly provision?: Provisioning | null | undefined },
): Promise<ProvisionedDeployment> {
  if (!provision) return { deployment: await createDeployment(app, viewer, input), saga: null };
  const { dns: wantedDns, ...place } = provision;
  refuseProblems(dropletPlaceProblems(place, 'input.provision'));
  const dns = wantedDns ? await checkDns(app, viewer, wantedDns) : null;
  const { deployment, saga } = await app.db.transaction(async (db) => {
    const at = app.clock();
    const made = await insertDeployment(db, viewer, { region: place.region, ...input }, 'provisioning', at);
    const inputs = { deploymentId: made.id, name: hostNameOf(made.slug), ...place, tags: [], ...(dns ? { dns } : {}) };
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

/** Slugs may hold what names of hosts may not. */
function hostNameOf(slug: string): string {
  return slug.replaceAll('_', '-').replace(/-+$/, '');
}

const DNS_PATH = 'input.provision.dns';

/** Throws BAD_USER_INPUT; a tenant may only point names of its own zones, and another's zone reads as none. */
async function checkDns(app: BeginApp, viewer: Viewer, wanted: DnsTarget): Promise<DnsTarget> {
  const { type, ...dns } = normalizeRecordKey({ ...wanted, type: 'A' });
  refuseProblems(recordProblems({ ...dns, type, data: '192.0.2.1' }, DNS_PATH));
  if (viewer.isOperator) return dns;
  const zones = await app.reads.query(
    `select from cloud_resources where kind = 'dns_zone' and provider_id = $1 and tenant_id = $2 and deleted_at is null`,
    [dns.domain, viewer.tenantId],
  );
  if (zones.length === 0) throw BadUserInputError.at(`${DNS_PATH}.domain`, 'takes a domain of yours');
  return dns;
}
