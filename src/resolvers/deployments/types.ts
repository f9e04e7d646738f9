import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import type { SubscriptionStatus } from '../../core/deployments/subscription-status.js';
import type { Money } from '../../core/money/money.js';
import type { LlmMode } from '../../core/pricing/llm-mode.js';
import { DeploymentStateEnum, LlmModeEnum, SubscriptionStatusEnum } from '../billing-enums.js';
import { connectionOf } from '../connection.js';
import { MoneyType } from '../money.js';
import { NodeType } from '../nodes/node-type.js';
import { SagaObject } from '../sagas/types.js';
import { DateScalar, DateTimeScalar, DecimalScalar } from '../scalars.js';

@ObjectType('Deployment', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'The billable unit: one app instance of one tenant.',
})
export class DeploymentType {
  @Field(() => ID) id: string;
  @Field(() => String) tenantId: string;
  @Field(() => String, { description: 'Unique within the tenant.' }) slug: string;
  @Field(() => String) displayName: string;
  @Field(() => String, { nullable: true }) region: string | null;
  @Field(() => DeploymentStateEnum) state: DeploymentState;
  @Field(() => LlmModeEnum) llmMode: LlmMode;
  @Field(() => Boolean, { description: 'Operator override: no automatic billing action is taken on it.' })
  billingActionSuspended: boolean;
  @Field(() => String, { nullable: true }) templateCode: string | null;
  @Field(() => String, { nullable: true }) templateVersion: string | null;
  @Field(() => DateTimeScalar) createdAt: Date;
}

@ObjectType('DeploymentEvent', { description: 'One change of the state of a deployment.', simpleResolvers: true })
export class DeploymentEventType {
  @Field(() => ID) id: string;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => DeploymentStateEnum, { nullable: true, description: 'Null where it was made.' })
  fromState: DeploymentState | null;
  @Field(() => DeploymentStateEnum) toState: DeploymentState;
  @Field(() => String) actor: string;
  @Field(() => String, { nullable: true }) reason: string | null;
}

export const DeploymentConnection = connectionOf<DeploymentType>(() => DeploymentType, 'Deployment');
export const DeploymentEventConnection = connectionOf<DeploymentEventType>(
  () => DeploymentEventType,
  'DeploymentEvent',
);

@InputType('DeploymentFilter', { description: 'Which deployments to list.' })
export class DeploymentFilterInput {
  @Field(() => String, {
    nullable: true,
    description: 'Only rows of that tenant. FORBIDDEN unless the viewer is an operator.',
  })
  tenantId?: string | null;
  @Field(() => [DeploymentStateEnum], { nullable: true }) states?: DeploymentState[] | null;
  @Field(() => String, { nullable: true }) slug?: string | null;
}

@InputType('DnsTargetInput', { description: 'The DNS name that points to a deployment.' })
export class DnsTargetInput {
  @Field(() => String, { description: 'Of a tenant: one of its own.' }) domain: string;
  @Field(() => String, { description: 'Host part, `@` for the apex.' }) name: string;
  @Field(() => Int, { defaultValue: 300, description: 'Seconds, 30 at least.' }) ttl: number;
}

const IMAGE = "The slug of a public image, or in digits the id of a snapshot or backup of the deployment's tenant.";

@InputType('ProvisionDeploymentInput', {
  description: 'The droplet, and optionally the DNS name, that a deployment is provisioned with.',
})
export class ProvisionDeploymentInput {
  @Field(() => String, { description: 'A size that the plan allows; an operator may name any.' }) sizeSlug: string;
  @Field(() => String, { description: IMAGE }) image: string;
  @Field(() => String) region: string;
  @Field(() => DnsTargetInput, { nullable: true, description: 'Left out: no DNS step.' }) dns?: DnsTargetInput | null;
}

@InputType('CreateDeploymentInput', { description: 'A new deployment, and optionally its plan and its droplet.' })
export class CreateDeploymentInput {
  @Field(() => String, { nullable: true, description: "Operator may name any tenant; left out: the caller's own." })
  tenantId?: string | null;
  @Field(() => String) slug: string;
  @Field(() => String) displayName: string;
  @Field(() => String, { nullable: true }) region?: string | null;
  @Field(() => LlmModeEnum, { defaultValue: 'none' }) llmMode: LlmMode;
  @Field(() => String, { nullable: true }) templateCode?: string | null;
  @Field(() => String, { nullable: true }) templateVersion?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Subscribes the deployment to the active version of this plan, from today on. A tenant that provisions may leave it out if all its live subscriptions are on one plan: that one is used. CONFLICT if the plan allows no more deployments.',
  })
  planCode?: string | null;
  @Field(() => ProvisionDeploymentInput, {
    nullable: true,
    description: 'Provision it now: created in PROVISIONING, ACTIVE once its saga completes.',
  })
  provision?: ProvisionDeploymentInput | null;
}

@ObjectType('DeploymentPayload', { simpleResolvers: true })
export class DeploymentPayload {
  @Field(() => DeploymentType) deployment: DeploymentType;
  @Field(() => SagaObject, { nullable: true, description: 'Set where the mutation started one.' })
  saga?: SagaObject | null;
}

@ObjectType('PlanSubscription', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'Binds a deployment to a plan version.',
})
export class PlanSubscriptionType {
  @Field(() => ID) id: string;
  @Field(() => SubscriptionStatusEnum) status: SubscriptionStatus;
  @Field(() => DateScalar, { description: 'First day that it is billed.' }) startsOn: string;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Nothing before is billed; null where there was no trial.',
  })
  trialEndsAt: Date | null;
}

@ObjectType('SubscriptionAddon', {
  simpleResolvers: true,
  description: 'Price and quantity as they stood when it was attached; a later catalog change leaves them alone.',
})
export class SubscriptionAddonType {
  @Field(() => ID) id: string;
  @Field(() => DecimalScalar) quantity: string;
  @Field(() => MoneyType) price: Money;
  @Field(() => DateScalar, { description: 'First day that it is billed.' }) startsOn: string;
}

@ObjectType('PlanSubscriptionPayload', { simpleResolvers: true })
export class PlanSubscriptionPayload {
  @Field(() => PlanSubscriptionType) subscription: PlanSubscriptionType;
}
