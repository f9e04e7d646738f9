import { stepKey } from '../core/sagas/sagas.js';
import type { Step, StepRegistry } from '../services/sagas/step.js';
import { activateDeployment } from './activate-deployment.js';
import { archiveDeployment } from './archive-deployment.js';
import { cancelDeployment } from './cancel-deployment.js';
import { cancelDeploymentSubscription } from './cancel-deployment-subscription.js';
import { createDroplet } from './create-droplet.js';
import { createDropletSnapshot } from './create-droplet-snapshot.js';
import { deleteDnsRecord } from './delete-dns-record.js';
import { destroyDroplet } from './destroy-droplet.js';
import { linkDeploymentResource } from './link-deployment-resource.js';
import { markDeploymentProvisioning } from './mark-deployment-provisioning.js';
import { pointDeploymentDns } from './point-deployment-dns.js';
import { refreshDroplet } from './refresh-droplet.js';
import { registerDroplet, registerDropletV1 } from './register-droplet.js';
import { renameDroplet } from './rename-droplet.js';
import { resizeDroplet } from './resize-droplet.js';
import { resolveDriftStep } from './resolve-drift.js';
import { retagDroplet } from './retag-droplet.js';
import { upsertDnsRecord } from './upsert-dns-record.js';
import { waitDropletActive } from './wait-droplet-active.js';

/** Every step of this release. Sagas under way may use versions with which no new saga starts. */
const STEPS: readonly Step[] = [
  activateDeployment,
  archiveDeployment,
  cancelDeployment,
  cancelDeploymentSubscription,
  createDroplet,
  createDropletSnapshot,
  deleteDnsRecord,
  destroyDroplet,
  linkDeploymentResource,
  markDeploymentProvisioning,
  pointDeploymentDns,
  refreshDroplet,
  registerDroplet,
  registerDropletV1,
  renameDroplet,
  resizeDroplet,
  resolveDriftStep,
  retagDroplet,
  upsertDnsRecord,
  waitDropletActive,
];

export function registryOf(steps: readonly Step[]): StepRegistry {
  return new Map(steps.map((step) => [stepKey(step), step]));
}

export const sagaSteps: StepRegistry = registryOf(STEPS);
