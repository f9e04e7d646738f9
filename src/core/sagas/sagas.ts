/** What the program can change in the cloud. */
export const SAGA_KINDS = [
  'provision_droplet',
  'destroy_droplet',
  'snapshot_droplet',
  'resize_droplet',
  'rename_droplet',
  'retag_droplet',
  'upsert_dns_record',
  'delete_dns_record',
  'provision_deployment',
  'decommission_deployment',
] as const;
export type SagaKind = (typeof SAGA_KINDS)[number];

/** Sagas that change every resource of their deployment. */
export const DEPLOYMENT_SAGA_KINDS: readonly SagaKind[] = ['provision_deployment', 'decommission_deployment'];

export const SAGA_STATUSES = ['pending', 'running', 'compensating', 'completed', 'rolled_back', 'failed'] as const;
export type SagaStatus = (typeof SAGA_STATUSES)[number];

export const SAGA_STEP_STATUSES = [
  'pending',
  'running',
  'completed',
  'failed',
  'compensating',
  'compensated',
  'compensation_failed',
] as const;
export type SagaStepStatus = (typeof SAGA_STEP_STATUSES)[number];

export const SAGA_EVENT_TYPES = [
  'started',
  'resumed',
  'step_started',
  'step_progress',
  'step_completed',
  'step_failed',
  'cancel_requested',
  'compensation_started',
  'step_compensated',
  'step_compensation_failed',
  'completed',
  'rolled_back',
  'failed',
] as const;
export type SagaEventType = (typeof SAGA_EVENT_TYPES)[number];

/** Whether the engine is done with a saga; only `retrySaga` resumes a failed one. */
export function isFinished(status: SagaStatus): boolean {
  return status === 'completed' || status === 'rolled_back' || status === 'failed';
}

/** One step of a saga as it is stored. A saga's list never changes after its start. */
export interface SagaStepRef {
  readonly name: string;
  /** A release without this version of the step leaves the saga to one that has it. */
  readonly version: number;
  /** Inputs for this step only, merged over those of the saga. */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** The key of a step in a registry. */
export function stepKey({ name, version }: Pick<SagaStepRef, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

const step = (name: string, inputs?: SagaStepRef['inputs'], version = 1): SagaStepRef =>
  inputs ? { name, version, inputs } : { name, version };

const CREATE_DROPLET = [step('CreateDroplet'), step('WaitDropletActive'), step('RegisterDroplet', undefined, 2)];

/**
 * Changes one field of a droplet back to its spec, and closes the drift. The inventory is refreshed before and after the
 * change, so that it shows the droplet as it is whether the saga completes or is rolled back.
 */
const revertSteps = (name: string): SagaStepRef[] => [
  step('RefreshDroplet'),
  step(name),
  step('RefreshDroplet'),
  step('ResolveDrift'),
];

/** Creates a droplet, with or without a deployment that it is for. */
export function provisionDropletSteps(isForDeployment: boolean): SagaStepRef[] {
  return isForDeployment ? [...CREATE_DROPLET, step('LinkDeploymentResource')] : CREATE_DROPLET;
}

export const destroyDropletSteps: readonly SagaStepRef[] = [step('DestroyDroplet')];
export const snapshotDropletSteps: readonly SagaStepRef[] = [step('CreateDropletSnapshot')];
export const resizeDropletSteps: readonly SagaStepRef[] = revertSteps('ResizeDroplet');
export const renameDropletSteps: readonly SagaStepRef[] = revertSteps('RenameDroplet');
export const retagDropletSteps: readonly SagaStepRef[] = revertSteps('RetagDroplet');
export const upsertDnsRecordSteps: readonly SagaStepRef[] = [step('UpsertDnsRecord')];
export const deleteDnsRecordSteps: readonly SagaStepRef[] = [step('DeleteDnsRecord')];

export function provisionDeploymentSteps(hasDns: boolean): SagaStepRef[] {
  return [
    step('MarkDeploymentProvisioning'),
    ...CREATE_DROPLET,
    step('LinkDeploymentResource'),
    ...(hasDns ? [step('PointDeploymentDns')] : []),
    step('ActivateDeployment'),
  ];
}

/** What decommissioning removes, each with the inputs of its steps. */
export interface DeploymentBelongings {
  readonly droplets: readonly { readonly resourceId: string; readonly dropletId: string }[];
  readonly records: readonly {
    readonly domain: string;
    readonly type: string;
    readonly name: string;
    readonly onlyData: readonly string[];
  }[];
}

/** All snapshots come first: no droplet is destroyed before every snapshot exists. */
export function decommissionDeploymentSteps({ droplets, records }: DeploymentBelongings): SagaStepRef[] {
  return [
    ...droplets.map((droplet) => step('CreateDropletSnapshot', droplet)),
    ...records.map((record) => step('DeleteDnsRecord', record)),
    ...droplets.map((droplet) => step('DestroyDroplet', droplet)),
    step('CancelDeploymentSubscription'),
    step('CancelDeployment'),
    step('ArchiveDeployment'),
  ];
}
