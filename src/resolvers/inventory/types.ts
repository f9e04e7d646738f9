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
  @Field(() => String, { description: 'The cloud provider, now always `digitalocean`.' }) provider: string;
  @Field(() => String, { description: "The provider's id. For a DNS zone its name, for a reserved IP its address." })
  providerId: string;
  @Field(() => String, { description: "The provider's own type, as in its URNs." }) providerKind: string;
  @Field(() => ResourceKindEnum) kind: ResourceKind;
  @Field(() => String) name: string;
  @Field(() => String, {
    nullable: true,
    description: "The provider's status, as `active` or `off`; null if this kind has none.",
  })
  status: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The region's slug, as `syd1`; null if the resource belongs to no single region.",
  })
  region: string | null;
  @ListSize(5)
  @Field(() => [String], { description: 'Sorted.' })
  tags: string[];
  @Field(() => JsonObjectScalar, {
    description: "Attributes of this kind under the provider's names: size, image, addresses, rules, records.",
  })
  attrs: Record<string, unknown>;
  @Field(() => String, {
    nullable: true,
    description: 'The tenant of its deployment, else of its project; null if neither has one.',
  })
  tenantId: string | null;
  @Field(() => DateTimeScalar, { description: 'When the mirror first found it, which may be long after its creation.' })
  firstSeenAt: Date;
  @Field(() => DateTimeScalar, { description: 'When a sync run or a saga last found it.' }) lastSeenAt: Date;
  @Field(() => Int, { description: 'Complete sync runs in a row that did not list it. At three it is deleted.' })
  staleStrikeCount: number;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the mirror concluded that the provider no longer has it; null while it exists.',
  })
  deletedAt: Date | null;
}

@ObjectType('ResourceEvent', {
  description: 'One change of a resource, as a sync run, a saga or an operator caused it.',
  simpleResolvers: true,
})
export class ResourceEventObject {
  @Field(() => ID) id: string;
  @Field(() => ResourceEventTypeEnum) type: ResourceEventType;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => JsonObjectScalar, {
    description:
      'The changed fields, each as `{ from, to }`; an attribute is named `attrs.<name>`. Empty if the event changes none. A deployment of another tenant is null.',
  })
  changes: Record<string, unknown>;
  @Field(() => String, {
    description: 'The cause: `sync:<run id>`, `saga:<saga id>`, `cloud-invoice:<id>`, or the subject of an operator.',
  })
  actor: string;
}

@InputType('ResourceFilter', { description: 'Which resources to list.' })
export class ResourceFilterInput {
  @Field(() => [ResourceKindEnum], { nullable: true, description: 'Any of these kinds.' }) kinds?: ResourceKind[];
  @Field(() => String, {
    nullable: true,
    description: 'Only rows of that tenant. FORBIDDEN unless the viewer is an operator.',
  })
  tenantId?: string;
  @Field(() => ID, { nullable: true, description: 'Resources of that project.' }) projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Resources of that deployment.' }) deploymentId?: string;
  @Field(() => String, { nullable: true, description: "The region's slug, as `syd1`." }) region?: string;
  @Field(() => String, { nullable: true, description: "The provider's status, as `active`." }) status?: string;
  @Field(() => String, { nullable: true, description: 'Resources with that tag.' }) tag?: string;
  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' }) nameContains?: string;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'True: deleted resources too.' })
  includeDeleted?: boolean;
}

@ObjectType('Project', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'The mirror of a DigitalOcean project.',
})
export class ProjectType {
  @Field(() => ID) id: string;
  @Field(() => String, { description: 'The cloud provider, now always `digitalocean`.' }) provider: string;
  @Field(() => String, { description: "The provider's UUID of the project." }) providerId: string;
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) description: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'As set at the provider: `Development`, `Staging` or `Production`.',
  })
  environment: string | null;
  @Field(() => Boolean, { description: 'Whether the provider puts new resources into it.' }) isDefault: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'The tenant whose project it is, as an operator classified it; null if nobody did.',
  })
  tenantId: string | null;
}

@ObjectType('SyncRun', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'One run of one sync scope. A run that fails, or lists less than everything, strikes no resource.',
})
export class SyncRunType {
  @Field(() => ID) id: string;
  @Field(() => SyncScopeEnum) scope: SyncScope;
  @Field(() => SyncRunStatusEnum) status: SyncRunStatus;
  @Field(() => DateTimeScalar) queuedAt: Date;
  @Field(() => DateTimeScalar, { nullable: true, description: 'When a worker first took it; null while it waits.' })
  startedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: 'Null until it is completed or failed.' })
  finishedAt: Date | null;
  @Field(() => Int, { description: 'Entries that the provider listed.' }) seen: number;
  @Field(() => Int, { description: 'Resources that were not known before.' }) discovered: number;
  @Field(() => Int, { description: 'Resources with at least one changed field.' }) updated: number;
  @Field(() => Int, { description: 'Deleted resources that the provider lists again.' }) restored: number;
  @Field(() => Int, { description: 'Resources that the third complete run in a row did not list.' }) deleted: number;
  @Field(() => String, { nullable: true, description: 'Why it failed, without credentials; null if it did not.' })
  error: string | null;
}

@ObjectType('SyncEvent', {
  simpleResolvers: true,
  description: 'One event of a sync run. Events come in commit order, without gaps.',
})
export class SyncEventType {
  @Field(() => CursorScalar, { description: 'Pass it as `after` to resume behind this event.' }) cursor: string;
  @Field(() => SyncEventTypeEnum) type: string;
  @Field(() => DateTimeScalar) at: Date;
  @Field(() => String, {
    nullable: true,
    description:
      'The list and its number of entries, why a run struck nothing, or why it failed; null if the type says all.',
  })
  message: string | null;
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
