import { SAGA_EVENT_TYPES, SAGA_KINDS, SAGA_STATUSES, SAGA_STEP_STATUSES } from '../core/sagas/sagas.js';
import { enumOf } from './enums.js';

export const SagaKindEnum = enumOf('SagaKind', SAGA_KINDS, {
  description: 'Which change of the cloud a saga makes.',
  values: {
    PROVISION_DROPLET: 'Creates a droplet.',
    DESTROY_DROPLET: 'Destroys a droplet for good.',
    SNAPSHOT_DROPLET: 'Takes a snapshot of a droplet.',
    RESIZE_DROPLET: 'Changes the size of a droplet.',
    RENAME_DROPLET: 'Changes the name of a droplet.',
    RETAG_DROPLET: 'Changes the tags of a droplet.',
    UPSERT_DNS_RECORD: 'Creates or replaces a DNS record.',
    DELETE_DNS_RECORD: 'Deletes DNS records.',
    PROVISION_DEPLOYMENT: 'Creates the droplet and the DNS record of a deployment.',
    DECOMMISSION_DEPLOYMENT: 'Takes a last snapshot, then removes what a deployment has in the cloud.',
  },
});
export const SagaStatusEnum = enumOf('SagaStatus', SAGA_STATUSES, {
  description:
    'Where a saga stands. COMPLETED, ROLLED_BACK and FAILED are final, but `retrySaga` resumes a FAILED one.',
  values: {
    PENDING: 'Not started yet.',
    RUNNING: 'Steps are executed in order.',
    COMPENSATING: 'A step failed or the saga was cancelled: completed steps are compensated, the last one first.',
    COMPLETED: 'Every step is done.',
    ROLLED_BACK: 'Every completed step was compensated.',
    FAILED: 'A compensation failed, so something may be left behind; `error` says what.',
  },
});
export const SagaStepStatusEnum = enumOf('SagaStepStatus', SAGA_STEP_STATUSES, {
  description: 'Where one step of a saga stands.',
  values: {
    PENDING: 'Not started yet.',
    RUNNING: 'Under way, or waiting for the provider.',
    COMPLETED: 'Done.',
    FAILED: 'Could not be done.',
    COMPENSATING: 'Its effect is being removed.',
    COMPENSATED: 'Its effect was removed.',
    COMPENSATION_FAILED: 'Its effect could not be removed.',
  },
});
export const SagaEventTypeEnum = enumOf('SagaEventType', SAGA_EVENT_TYPES, {
  description: 'What a saga event records.',
  values: {
    STARTED: 'The saga started.',
    RESUMED: 'Another runner took the saga over, or an operator retried it.',
    STEP_STARTED: 'A step started.',
    STEP_PROGRESS: 'A step reports what it is doing; `message` has the text.',
    STEP_COMPLETED: 'A step is done.',
    STEP_FAILED: 'A step could not be done.',
    CANCEL_REQUESTED: 'An operator cancelled the saga.',
    COMPENSATION_STARTED: 'Compensation of the completed steps started.',
    STEP_COMPENSATED: 'The effect of a step was removed.',
    STEP_COMPENSATION_FAILED: 'The effect of a step could not be removed.',
    COMPLETED: 'Every step is done; the last event.',
    ROLLED_BACK: 'Every completed step was compensated; the last event.',
    FAILED: 'A compensation failed; the last event unless the saga is retried.',
  },
});
