import { DEPLOYMENT_STATES } from '../core/deployments/deployment-state.js';
import { SUBSCRIPTION_STATUSES } from '../core/deployments/subscription-status.js';
import { INVOICE_STATUSES } from '../core/invoices/invoice.js';
import { BILLING_KINDS } from '../core/metering/billing-kind.js';
import { GRANULARITIES } from '../core/metering/metering.js';
import { LLM_MODES } from '../core/pricing/llm-mode.js';
import { PLAN_VERSION_STATUSES } from '../core/pricing/plan.js';
import { LINE_KINDS } from '../core/pricing/priced-line.js';
import { enumOf } from './enums.js';

export const BillingKindEnum = enumOf('BillingKind', BILLING_KINDS, {
  description: 'What is metered and billed; not the same list as ResourceKind.',
});
export const PlanVersionStatusEnum = enumOf('PlanVersionStatus', PLAN_VERSION_STATUSES);
export const LineKindEnum = enumOf('LineKind', LINE_KINDS);
export const DeploymentStateEnum = enumOf('DeploymentState', DEPLOYMENT_STATES);
export const LlmModeEnum = enumOf('LlmMode', LLM_MODES, {
  values: { MANAGED: 'Through our gateway, billed by it.', BYOK: "The tenant's own provider keys." },
});
export const SubscriptionStatusEnum = enumOf('SubscriptionStatus', SUBSCRIPTION_STATUSES);
export const GranularityEnum = enumOf('Granularity', GRANULARITIES);
export const InvoiceStatusEnum = enumOf('InvoiceStatus', INVOICE_STATUSES);
