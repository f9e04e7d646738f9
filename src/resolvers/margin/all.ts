import { AccrualResolver } from './accrual.resolver.js';
import { InvoiceLineExplanationResolver, LineExplanationResolver, LineUsageResolver } from './explanation.resolver.js';
import { FxResolver } from './fx.resolver.js';

export const marginResolvers = [
  FxResolver,
  AccrualResolver,
  InvoiceLineExplanationResolver,
  LineExplanationResolver,
  LineUsageResolver,
] as const;
