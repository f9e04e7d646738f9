import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import type { ResourceEventType } from '../../entities/cloud-resource-event.js';
import type { SyncRunStatus } from '../../entities/sync-run.js';
import { connectionOf } from '../connection.js';
import {
  ResourceEventTypeEnum,
  ResourceKindEnum,
  SyncEventTypeEnum,
  SyncRunStatusEnum,
  SyncScopeEnum,
} from '../enums.js';
import { ListSize } from '../list-size.js';
import { NodeType } from '../nodes/node-type.js';
import { CursorScalar, DateTimeScalar, JsonObjectScalar } from '../scalars.js';

@ObjectType('Resource', {
  implements: NodeType,
  simpleResolvers: true,
  description: "One thing in the provider's account, of any kind.",
})
export class ResourceType {
  @Field(() => ID) id: string;
  @Field(() => String) provider: string;
  @Field(() => String) providerId: string;
  @Field(() => String) providerKind: string;
  @Field(() => ResourceKindEnum) kind: ResourceKind;
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) status: string | null;
  @Field(() => String, { nullable: true }) region: string | null;
  @ListSize(5)
  @Field(() => [String])
  tags: string[];
  @Field(() => JsonObjectScalar, { description: 'What only this kind has: size, image, addresses, rules, records.' })
  attrs: Record<string, unknown>;
  @Field(() => String, { nullable: true, description: "Its deployment's tenant, else its project's, else none." })
  tenantId: string | null;
  @Field(() => DateTimeScalar) firstSeenAt: Date;
  @Field(() => DateTimeScalar) lastSeenAt: Date;
  @Field(() => Int, { description: 'Full syncs in a row that did not list it; at three it is deleted.' })
  staleStrikeCount: number;
  @Field(() => DateTimeScalar, { nullable: true }) deletedAt: Date | null;
}

@ObjectType('ResourceEvent', {
  description: 'One change of a resource, as a sync run, a saga or an operator caused it.',
  simpleResolvers: true,
})
export class ResourceEventObject {
  @Field(() => ID) id: string;
  @Field(() => ResourceEventTypeEnum) type: ResourceEventType;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => JsonObjectScalar, { description: 'Field by field: { field: { from, to } }.' })
  changes: Record<string, unknown>;
  @Field(() => String, { description: 'Who or what caused it: a sync run, a saga, an operator.' })
  actor: string;
}

@InputType('ResourceFilter', { description: 'Which resources to list.' })
export class ResourceFilterInput {
  @Field(() => [ResourceKindEnum], { nullable: true }) kinds?: ResourceKind[];
  @Field(() => String, {
    nullable: true,
    description: 'Only rows of that tenant. FORBIDDEN unless the viewer is an operator.',
  })
  tenantId?: string;
  @Field(() => ID, { nullable: true }) projectId?: string;
  @Field(() => ID, { nullable: true }) deploymentId?: string;
  @Field(() => String, { nullable: true }) region?: string;
  @Field(() => String, { nullable: true }) status?: string;
  @Field(() => String, { nullable: true }) tag?: string;
  @Field(() => String, { nullable: true, description: 'Case-insensitive part of the name.' }) nameContains?: string;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Left out: only rows that still exist.' })
  includeDeleted?: boolean;
}

@ObjectType('Project', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'The mirror of a DigitalOcean project.',
})
export class ProjectType {
  @Field(() => ID) id: string;
  @Field(() => String) provider: string;
  @Field(() => String) providerId: string;
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) description: string | null;
  @Field(() => String, { nullable: true }) environment: string | null;
  @Field(() => Boolean) isDefault: boolean;
  @Field(() => String, { nullable: true }) tenantId: string | null;
}

@ObjectType('SyncRun', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'One sweep of one scope. A run that failed part-way never ages what it did not see.',
})
export class SyncRunType {
  @Field(() => ID) id: string;
  @Field(() => SyncScopeEnum) scope: SyncScope;
  @Field(() => SyncRunStatusEnum) status: SyncRunStatus;
  @Field(() => DateTimeScalar) queuedAt: Date;
  @Field(() => DateTimeScalar, { nullable: true }) startedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) finishedAt: Date | null;
  @Field(() => Int) seen: number;
  @Field(() => Int) discovered: number;
  @Field(() => Int) updated: number;
  @Field(() => Int) restored: number;
  @Field(() => Int) deleted: number;
  @Field(() => String, { nullable: true }) error: string | null;
}

@ObjectType('SyncEvent', {
  simpleResolvers: true,
  description: 'One entry of what sync runs did, in commit order and without gaps.',
})
export class SyncEventType {
  @Field(() => CursorScalar) cursor: string;
  @Field(() => SyncEventTypeEnum) type: string;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => String, { nullable: true }) message: string | null;
  runId: string;
  resourceId: string | null;
}

export const ResourceConnection = connectionOf<ResourceType>(() => ResourceType, 'Resource');
export const ResourceEventConnection = connectionOf<ResourceEventObject>(() => ResourceEventObject, 'ResourceEvent');
export const ProjectConnection = connectionOf<ProjectType>(() => ProjectType, 'Project');
export const SyncRunConnection = connectionOf<SyncRunType>(() => SyncRunType, 'SyncRun');

@ObjectType('StartSyncPayload', { simpleResolvers: true })
export class StartSyncPayload {
  @ListSize(10)
  @Field(() => [SyncRunType])
  runs: SyncRunType[];
}

@ObjectType('ProjectPayload', { simpleResolvers: true })
export class ProjectPayload {
  @Field(() => ProjectType) project: ProjectType;
}

@ObjectType('ResourcePayload', { simpleResolvers: true })
export class ResourcePayload {
  @Field(() => ResourceType) resource: ResourceType;
}
