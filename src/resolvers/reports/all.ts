import { AccrualResolver } from './accrual.resolver.js';
import { AnomalyResolver, ResourceAnomalyResolver } from './anomaly.resolver.js';
import { InvoiceLineExplanationResolver, LineExplanationResolver, LineUsageResolver } from './explanation.resolver.js';
import { DeploymentForecastResolver, ForecastResolver } from './forecast.resolver.js';
import { FxResolver } from './fx.resolver.js';
import { DeploymentMarginResolver, MarginResolver } from './margin.resolver.js';
import {
  CloudInvoiceReconciliationResolver,
  CostBucketSumResolver,
  ReconciliationResolver,
  UnbilledUsageResolver,
  UndeployedCostResolver,
  UsageFindingResolver,
} from './reconciliation.resolver.js';
import { PriceChangeResolver, SimulationResolver } from './simulation.resolver.js';

export const marginResolvers = [
  FxResolver,
  MarginResolver,
  DeploymentMarginResolver,
  AccrualResolver,
  InvoiceLineExplanationResolver,
  LineExplanationResolver,
  LineUsageResolver,
  ReconciliationResolver,
  CostBucketSumResolver,
  CloudInvoiceReconciliationResolver,
  UsageFindingResolver,
  UnbilledUsageResolver,
  UndeployedCostResolver,
  SimulationResolver,
  PriceChangeResolver,
  ForecastResolver,
  DeploymentForecastResolver,
  AnomalyResolver,
  ResourceAnomalyResolver,
] as const;
