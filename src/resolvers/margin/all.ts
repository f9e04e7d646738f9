import { AccrualResolver } from './accrual.resolver.js';
import { InvoiceLineExplanationResolver, LineExplanationResolver, LineUsageResolver } from './explanation.resolver.js';
import { FxResolver } from './fx.resolver.js';
import { DeploymentMarginResolver, MarginResolver } from './margin.resolver.js';

export const marginResolvers = [
  FxResolver,
  MarginResolver,
  DeploymentMarginResolver,
  AccrualResolver,
  InvoiceLineExplanationResolver,
  LineExplanationResolver,
  LineUsageResolver,
] as const;
