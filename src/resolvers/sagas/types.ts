import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { SagaEventType, SagaKind, SagaStatus, SagaStepStatus } from '../../core/sagas/sagas.js';
import { connectionOf } from '../connection.js';
import { NodeType } from '../nodes/node-type.js';
import { SagaEventTypeEnum, SagaKindEnum, SagaStatusEnum, SagaStepStatusEnum } from '../saga-enums.js';
import { CursorScalar, DateTimeScalar, JsonObjectScalar } from '../scalars.js';

/** The description of every idempotency key. */
export const IDEMPOTENCY_KEY =
  'At most 200 characters. A second request with the same key and the same input answers the saga of the first one.';

@ObjectType('SagaStep', { simpleResolvers: true, description: 'One step of a saga, started or still to come.' })
export class SagaStepObject {
  @Field(() => Int, { description: 'From 0.' }) index: number;
  @Field(() => String, { description: 'As CreateDroplet.' }) name: string;
  @Field(() => SagaStepStatusEnum) status: SagaStepStatus;
  @Field(() => Int, {
    description: 'Attempts in the present direction, forward or compensating. Polls of a pending change do not count.',
  })
  attempts: number;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the step produced, as the id of a droplet. Null until it completed.',
  })
  output: Record<string, unknown> | null;
  @Field(() => String, { nullable: true }) error: string | null;
  @Field(() => DateTimeScalar, { nullable: true }) startedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) finishedAt: Date | null;
}

@ObjectType('Saga', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'One change of the cloud in steps. If a step fails, the completed steps are compensated.',
})
export class SagaObject {
  @Field(() => ID) id: string;
  @Field(() => SagaKindEnum) kind: SagaKind;
  @Field(() => SagaStatusEnum) status: SagaStatus;
  @Field(() => Int, { description: 'The `index` of the step that runs or is compensated.' }) currentStepIndex: number;
  @Field(() => JsonObjectScalar, { description: 'The inputs that the saga was started with.' }) inputs: Record<
    string,
    unknown
  >;
  @Field(() => JsonObjectScalar, { description: 'The outputs of the completed steps, merged.' }) context: Record<
    string,
    unknown
  >;
  @Field(() => Boolean) cancelRequested: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'Why the saga was rolled back or failed, and what may be left at the provider.',
  })
  error: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The tenant of the saga's deployment. Null: only operators see the saga.",
  })
  tenantId: string | null;
  @Field(() => String, { description: 'The subject of the caller who started it.' }) startedBy: string;
  @Field(() => DateTimeScalar) createdAt: Date;
  @Field(() => DateTimeScalar, { nullable: true }) finishedAt: Date | null;
}

export const SagaConnection = connectionOf<SagaObject>(() => SagaObject, 'Saga');

@InputType('SagaFilter', { description: 'All given conditions hold for each saga. Null: no condition.' })
export class SagaFilterInput {
  @Field(() => [SagaKindEnum], { nullable: true }) kinds?: SagaKind[] | null;
  @Field(() => [SagaStatusEnum], { nullable: true }) statuses?: SagaStatus[] | null;
  @Field(() => ID, { nullable: true }) deploymentId?: string | null;
}

@ObjectType('SagaPayload', {
  simpleResolvers: true,
  description: 'The saga that makes the change, or that was controlled.',
})
export class SagaPayload {
  @Field(() => SagaObject) saga: SagaObject;
}

@ObjectType('SagaEvent', {
  simpleResolvers: true,
  description: "One entry of a saga's stored history, in order and without gaps.",
})
export class SagaEventObject {
  @Field(() => CursorScalar, { description: 'Pass it as `after` to resume the stream after this event.' })
  cursor: string;
  @Field(() => ID) sagaId: string;
  @Field(() => Int, { description: '1, 2, 3, ... within the saga.' }) sequence: number;
  @Field(() => SagaEventTypeEnum) type: SagaEventType;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => Int, { nullable: true }) stepIndex: number | null;
  @Field(() => String, { nullable: true }) stepName: string | null;
  @Field(() => String, { nullable: true }) message: string | null;
  @Field(() => SagaStatusEnum, { description: "The saga's status right after this event." }) status: SagaStatus;
}

@InputType('ProvisionDropletInput', { description: 'The droplet to create.' })
export class ProvisionDropletInput {
  @Field(() => String, { description: 'A host name of 1 to 255 characters.' }) name: string;
  @Field(() => String, { description: 'As s-1vcpu-1gb.' }) sizeSlug: string;
  @Field(() => String, {
    description: 'The slug of a public image, as ubuntu-24-04-x64, or the numeric id of a snapshot or backup.',
  })
  image: string;
  @Field(() => String, { description: 'As syd1.' }) region: string;
  @Field(() => [String], { defaultValue: [], description: 'At most 50 tags of 1 to 255 characters.' }) tags: string[];
  @Field(() => ID, { nullable: true, description: 'The deployment that the droplet is for. Null: none.' })
  deploymentId?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType('DnsRecordInput', { description: 'A DNS record as it is to be. `domain`, `type` and `name` identify it.' })
export class DnsRecordInput {
  @Field(() => String, { description: 'A domain of the DigitalOcean account, as example.com.' }) domain: string;
  @Field(() => String, { description: 'A, AAAA, CAA, CNAME, MX, NS, SRV or TXT.' }) type: string;
  @Field(() => String, { description: 'The host part, as www; `@` for the domain itself.' }) name: string;
  @Field(() => String, { description: 'As the type takes it: an address, a host name or a text.' }) data: string;
  @Field(() => Int, { defaultValue: 1800, description: 'In seconds, at least 30.' }) ttl: number;
  @Field(() => Int, { nullable: true, description: 'Required for MX and SRV records.' }) priority?: number | null;
  @Field(() => Int, { nullable: true, description: 'Required for SRV records.' }) port?: number | null;
  @Field(() => Int, { nullable: true, description: 'Required for SRV records.' }) weight?: number | null;
  @Field(() => Int, { nullable: true, description: 'Required for CAA records.' }) flags?: number | null;
  @Field(() => String, { nullable: true, description: 'Required for CAA records: issue, issuewild or iodef.' })
  tag?: string | null;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY }) idempotencyKey?: string | null;
}
