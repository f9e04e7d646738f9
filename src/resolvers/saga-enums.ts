import { SAGA_EVENT_TYPES, SAGA_KINDS, SAGA_STATUSES, SAGA_STEP_STATUSES } from '../core/sagas/sagas.js';
import { enumOf } from './enums.js';

export const SagaKindEnum = enumOf('SagaKind', SAGA_KINDS);
export const SagaStatusEnum = enumOf('SagaStatus', SAGA_STATUSES, {
  values: {
    ROLLED_BACK: 'Every completed step was compensated.',
    FAILED: 'A compensation failed, so something may be left behind; `error` says what.',
  },
});
export const SagaStepStatusEnum = enumOf('SagaStepStatus', SAGA_STEP_STATUSES);
export const SagaEventTypeEnum = enumOf('SagaEventType', SAGA_EVENT_TYPES);
