import { type ClassType, FieldResolver, Resolver, Root } from 'type-graphql';
import { DeploymentType } from '../deployments/types.js';
import { ProjectType, ResourceType } from '../inventory/types.js';
import {
  HeldMonthType,
  InvoiceType,
  KeptRollUpFailureType,
  RollUpFailureType,
  UnbillableChargesType,
} from '../invoices/types.js';
import { AmountProblemType } from '../reports/amount-problem.js';
import { TenantImpactType } from '../reports/anomaly-types.js';
import { TenantFxEffectType, TenantMarginType } from '../reports/margin-types.js';
import { TenantPriceChangeType } from '../reports/simulation.resolver.js';
import { SagaObject } from '../sagas/types.js';
import { ViewerType } from '../viewer.resolver.js';
import { TenantType } from './tenant-type.js';

/** Adds `tenant` to a type that always has a `tenantId`. */
function tenantOf(type: () => ClassType<{ readonly tenantId: string }>) {
  @Resolver(type)
  class TenantField {
    @FieldResolver(() => TenantType, { description: 'The tenant of `tenantId`.' })
    tenant(@Root() { tenantId }: { readonly tenantId: string }): TenantType {
      return { id: tenantId };
    }
  }
  return TenantField;
}

/** Adds `tenant` to a type whose `tenantId` may be null. */
function maybeTenantOf(type: () => ClassType<{ readonly tenantId: string | null }>) {
  @Resolver(type)
  class TenantField {
    @FieldResolver(() => TenantType, { nullable: true, description: 'The tenant of `tenantId`; null if that is null.' })
    tenant(@Root() { tenantId }: { readonly tenantId: string | null }): TenantType | null {
      return tenantId === null ? null : { id: tenantId };
    }
  }
  return TenantField;
}

/** `tenant` beside every `tenantId`. */
export const tenantFields = [
  tenantOf(() => DeploymentType),
  tenantOf(() => HeldMonthType),
  tenantOf(() => InvoiceType),
  tenantOf(() => KeptRollUpFailureType),
  tenantOf(() => RollUpFailureType),
  tenantOf(() => TenantPriceChangeType),
  tenantOf(() => UnbillableChargesType),
  tenantOf(() => ViewerType),
  maybeTenantOf(() => AmountProblemType),
  maybeTenantOf(() => ProjectType),
  maybeTenantOf(() => ResourceType),
  maybeTenantOf(() => SagaObject),
  maybeTenantOf(() => TenantFxEffectType),
  maybeTenantOf(() => TenantImpactType),
  maybeTenantOf(() => TenantMarginType),
] as const;
