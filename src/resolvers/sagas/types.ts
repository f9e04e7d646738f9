import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { SagaEventType, SagaKind, SagaStatus, SagaStepStatus } from '../../core/sagas/sagas.js';
import { connectionOf } from '../connection.js';
import { NodeType } from '../nodes/node-type.js';
import { SagaEventTypeEnum, SagaKindEnum, SagaStatusEnum, SagaStepStatusEnum } from '../saga-enums.js';
import { CursorScalar, DateTimeScalar, JsonObjectScalar } from '../scalars.js';

@ObjectType('SagaStep', { simpleResolvers: true })
export class SagaStepObject {
  @Field(() => Int) index: number;
  @Field(() => String) name: string;
  @Field(() => SagaStepStatusEnum) status: SagaStepStatus;
  @Field(() => Int, { description: 'Tries in the present direction; looks whether it is done yet do not count.' })
  attempts: number;
  @Field(() => JsonObjectScalar, { nullable: true }) output: Record<string, unknown> | null;
  @Field(() => String, { nullable: true }) error: string | null;
  @Field(() => DateTimeScalar, { nullable: true }) startedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) finishedAt: Date | null;
}

@ObjectType('Saga', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'One change of the cloud, step by step, that is undone where it fails.',
})
export class SagaObject {
  @Field(() => ID) id: string;
  @Field(() => SagaKindEnum) kind: SagaKind;
  @Field(() => SagaStatusEnum) status: SagaStatus;
  @Field(() => Int) currentStepIndex: number;
  @Field(() => JsonObjectScalar) inputs: Record<string, unknown>;
  @Field(() => JsonObjectScalar, { description: 'The outputs of the steps so far.' }) context: Record<string, unknown>;
  @Field(() => Boolean) cancelRequested: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'Why it was rolled back or failed, and what may be left behind.',
  })
  error: string | null;
  @Field(() => String, { nullable: true, description: "Its deployment's; null: operators alone see it." })
  tenantId: string | null;
  @Field(() => String) startedBy: string;
  @Field(() => DateTimeScalar) createdAt: Date;
  @Field(() => DateTimeScalar, { nullable: true }) finishedAt: Date | null;
}

export const SagaConnection = connectionOf<SagaObject>(() => SagaObject, 'Saga');

@InputType('SagaFilter')
export class SagaFilterInput {
  @Field(() => [SagaKindEnum], { nullable: true }) kinds?: SagaKind[] | null;
  @Field(() => [SagaStatusEnum], { nullable: true }) statuses?: SagaStatus[] | null;
  @Field(() => ID, { nullable: true }) deploymentId?: string | null;
}

@ObjectType('SagaPayload', { simpleResolvers: true })
export class SagaPayload {
  @Field(() => SagaObject) saga: SagaObject;
}

@ObjectType('SagaEvent', {
  simpleResolvers: true,
  description: "One entry of a saga's durable history, in order and without gaps.",
})
export class SagaEventObject {
  @Field(() => CursorScalar) cursor: string;
  @Field(() => ID) sagaId: string;
  @Field(() => Int, { description: '1, 2, 3, ... within the saga.' }) sequence: number;
  @Field(() => SagaEventTypeEnum) type: SagaEventType;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => Int, { nullable: true }) stepIndex: number | null;
  @Field(() => String, { nullable: true }) stepName: string | null;
  @Field(() => String, { nullable: true }) message: string | null;
  @Field(() => SagaStatusEnum, { description: "The saga's status right after this event." }) status: SagaStatus;
}

@InputType('ProvisionDropletInput')
export class ProvisionDropletInput {
  @Field(() => String) name: string;
  @Field(() => String) sizeSlug: string;
  @Field(() => String, { description: "A slug, or an image's id in digits." }) image: string;
  @Field(() => String) region: string;
  @Field(() => [String], { defaultValue: [], description: 'At most 50.' }) tags: string[];
  @Field(() => ID, { nullable: true }) deploymentId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Sent twice with the same key, the second answers the first one's saga.",
  })
  idempotencyKey?: string | null;
}

@InputType('DnsRecordInput')
export class DnsRecordInput {
  @Field(() => String) domain: string;
  @Field(() => String, { description: 'A, AAAA, CAA, CNAME, MX, NS, SRV, TXT.' }) type: string;
  @Field(() => String, { description: 'Host part, `@` for the apex.' }) name: string;
  @Field(() => String) data: string;
  @Field(() => Int, { defaultValue: 1800, description: 'Seconds, 30 at least.' }) ttl: number;
  @Field(() => Int, { nullable: true, description: 'Of MX and SRV, which need it.' }) priority?: number | null;
  @Field(() => Int, { nullable: true, description: 'Of SRV, which needs it.' }) port?: number | null;
  @Field(() => Int, { nullable: true, description: 'Of SRV, which needs it.' }) weight?: number | null;
  @Field(() => Int, { nullable: true, description: 'Of CAA, which needs it.' }) flags?: number | null;
  @Field(() => String, { nullable: true, description: 'Of CAA, which needs it: issue, issuewild or iodef.' })
  tag?: string | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
}
