import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DRIFT_STATUSES, type DriftStatus } from '../../core/drift/drift.js';
import { connectionOf } from '../connection.js';
import { enumOf } from '../enums.js';
import { SagaObject } from '../sagas/types.js';
import { DateTimeScalar, JsonObjectScalar } from '../scalars.js';

export const DriftStatusEnum = enumOf('DriftStatus', DRIFT_STATUSES, {
  values: {
    ACCEPTED: 'The live value became the one that we want.',
    REVERTED: 'A saga put the provider back.',
    STALE: 'It went away by itself: the field is as it was asked for again, or the resource is gone.',
  },
});

@ObjectType('ProvisionedSpec', { simpleResolvers: true, description: 'The state that was asked for of a resource.' })
export class ProvisionedSpecType {
  @Field(() => ID) id: string;
  @Field(() => JsonObjectScalar, { description: "By the name of the resource's field or attribute." })
  spec: Record<string, unknown>;
  @Field(() => Int, { description: 'Grows by one with each change of the spec.' }) specVersion: number;
}

@ObjectType('Drift', {
  simpleResolvers: true,
  description: 'One field of one resource that is not what we asked for.',
})
export class DriftType {
  @Field(() => ID) id: string;
  @Field(() => String, { description: "The resource's field, or the attribute of that name." }) field: string;
  @Field(() => DriftStatusEnum) status: DriftStatus;
  @Field(() => DateTimeScalar) detectedAt: Date;
  @Field(() => DateTimeScalar, { nullable: true }) resolvedAt: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'The operator who accepted it, or the saga that put it back; null where it went away by itself.',
  })
  resolvedBy: string | null;
}

export const DriftConnection = connectionOf<DriftType>(() => DriftType, 'Drift');

@ObjectType('DriftPayload', { simpleResolvers: true })
export class DriftPayload {
  @Field(() => DriftType) drift: DriftType;
  @Field(() => SagaObject, { nullable: true, description: 'Set where a saga changes the provider back.' })
  saga?: SagaObject | null;
}

@ObjectType('RecordProvisionedPayload', { simpleResolvers: true })
export class RecordProvisionedPayload {
  @Field(() => ProvisionedSpecType) provisioned: ProvisionedSpecType;
}

@ObjectType('DetectDriftPayload', { simpleResolvers: true })
export class DetectDriftPayload {
  @Field(() => Int, {
    description:
      'Resources that were compared: those that we provisioned, that still exist, and that no saga is changing.',
  })
  checked: number;
  @Field(() => Int) opened: number;
  @Field(() => Int) closedAsStale: number;
}
