import { PlanResolver, PlanVersionResolver } from './catalog/catalog.resolver.js';
import { QuoteResolver } from './catalog/quote.resolver.js';
import {
  BalanceResolver,
  CloudInvoiceResolver,
  CostLineResolver,
  ResourceCostsResolver,
} from './costs/costs.resolver.js';
import {
  DeploymentResolver,
  ResourceDeploymentResolver,
  SagaDeploymentResolver,
} from './deployments/deployment.resolver.js';
import { PlanSubscriptionResolver, SubscriptionAddonResolver } from './deployments/subscription.resolver.js';
import { DriftResolver, ProvisionedSpecResolver, ResourceDriftResolver } from './drift/drift.resolver.js';
import { ProjectResolver } from './inventory/project.resolver.js';
import { ResourceEventResolver, ResourceResolver } from './inventory/resource.resolver.js';
import { SyncResolver } from './inventory/sync.resolver.js';
import {
  DeploymentInvoicesResolver,
  HeldDeploymentsResolver,
  InvoiceLineResolver,
  InvoiceResolver,
  RollUpResolver,
  UnpricedDeploymentUsageResolver,
} from './invoices/invoice.resolver.js';
import { DeploymentUsageResolver, MeteringResolver } from './metering/metering.resolver.js';
import { MoneyResolver } from './money.js';
import { NodeResolver } from './nodes/node.resolver.js';
import { ProvisioningResolver } from './provisioning/provisioning.resolver.js';
import { marginResolvers } from './reports/all.js';
import { SagaEventResolver, SagaResolver, SagaStepResolver } from './sagas/saga.resolver.js';
import { TenantResolver } from './tenants/tenant.resolver.js';
import { tenantFields } from './tenants/tenant-fields.js';
import { ViewerResolver } from './viewer.resolver.js';

/** Every class that gives the schema something. */
export const resolvers = [
  ViewerResolver,
  NodeResolver,
  TenantResolver,
  ...tenantFields,
  ResourceResolver,
  ResourceEventResolver,
  ProjectResolver,
  SyncResolver,
  MoneyResolver,
  BalanceResolver,
  CloudInvoiceResolver,
  CostLineResolver,
  ResourceCostsResolver,
  PlanResolver,
  PlanVersionResolver,
  QuoteResolver,
  DeploymentResolver,
  ResourceDeploymentResolver,
  SagaDeploymentResolver,
  PlanSubscriptionResolver,
  SubscriptionAddonResolver,
  MeteringResolver,
  DeploymentUsageResolver,
  InvoiceResolver,
  HeldDeploymentsResolver,
  InvoiceLineResolver,
  RollUpResolver,
  UnpricedDeploymentUsageResolver,
  DeploymentInvoicesResolver,
  SagaResolver,
  SagaEventResolver,
  SagaStepResolver,
  ProvisioningResolver,
  DriftResolver,
  ResourceDriftResolver,
  ProvisionedSpecResolver,
  ...marginResolvers,
] as const;
