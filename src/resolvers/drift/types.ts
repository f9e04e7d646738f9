import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DRIFT_STATUSES, type DriftStatus } from '../../core/drift/drift.js';
import { connectionOf } from '../connection.js';
import { enumOf } from '../enums.js';
import { SagaObject } from '../sagas/types.js';
import { DateTimeScalar, JsonObjectScalar } from '../scalars.js';

export const DriftStatusEnum = enumOf('DriftStatus', DRIFT_STATUSES, {
  description: 'Where a drift stands. Only OPEN is not final.',
  values: {
    OPEN: 'The field differs from the spec.',
    ACCEPTED: 'The live value was taken into the spec.',
    REVERTED: 'A saga changed the resource back to the spec.',
    STALE: 'Neither accepted nor reverted: the field matches the spec again, or the resource is gone.',
  },
});

@ObjectType('ProvisionedSpec', {
  simpleResolvers: true,
  description: 'The state that a resource under drift control is compared with.',
})
export class ProvisionedSpecType {
  @Field(() => ID) id: string;
  @Field(() => JsonObjectScalar, { description: "Expected values by the name of the resource's field or attribute." })
  spec: Record<string, unknown>;
  @Field(() => Int, { description: 'Grows by one with each change of the spec.' }) specVersion: number;
}

@ObjectType('Drift', {
  simpleResolvers: true,
  description: 'One field of one resource that differs from its spec.',
})
export class DriftType {
  @Field(() => ID) id: string;
  @Field(() => String, { description: "The name of the resource's field or attribute." }) field: string;
  @Field(() => DriftStatusEnum) status: DriftStatus;
  @Field(() => DateTimeScalar) detectedAt: Date;
  @Field(() => DateTimeScalar, { nullable: true }) resolvedAt: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'The operator who accepted the drift, or `saga:<id>` that reverted it. Null if it is OPEN or STALE.',
  })
  resolvedBy: string | null;
}

export const DriftConnection = connectionOf<DriftType>(() => DriftType, 'Drift');

@ObjectType('DriftPayload', { simpleResolvers: true, description: 'The drift after the change.' })
export class DriftPayload {
  @Field(() => DriftType) drift: DriftType;
  @Field(() => SagaObject, {
    nullable: true,
    description: 'The saga that reverts the drift. Null if the drift was accepted.',
  })
  saga?: SagaObject | null;
}

@ObjectType('RecordProvisionedPayload', { simpleResolvers: true, description: 'The spec after the change.' })
export class RecordProvisionedPayload {
  @Field(() => ProvisionedSpecType) provisioned: ProvisionedSpecType;
}

@ObjectType('DetectDriftPayload', { simpleResolvers: true, description: 'What one detection found.' })
export class DetectDriftPayload {
  @Field(() => Int, {
    description: 'Compared resources: those under drift control that still exist and that no saga is changing.',
  })
  checked: number;
  @Field(() => Int, { description: 'Drifts that were opened.' }) opened: number;
  @Field(() => Int, { description: 'Drifts that became STALE.' }) closedAsStale: number;
}
