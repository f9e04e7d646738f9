import { BILLING_KINDS } from '../core/billing-kind.js';
import { DEPLOYMENT_STATES } from '../core/deployment-state.js';
import { INVOICE_STATUSES } from '../core/invoice.js';
import { LLM_MODES } from '../core/llm-mode.js';
import { GRANULARITIES } from '../core/metering.js';
import { PLAN_VERSION_STATUSES } from '../core/plan.js';
import { LINE_KINDS } from '../core/priced-line.js';
import { SUBSCRIPTION_STATUSES } from '../core/subscription-status.js';
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
