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
  values: {
    DROPLET_HOURS: 'Hours that a droplet was active.',
    SPACES_GB_MONTH: 'Gigabytes in Spaces buckets, times the share of the month.',
    SNAPSHOT_GB_MONTH: 'Gigabytes of snapshots, times the share of the month.',
    DROPLET_BACKUP_GB_MONTH: 'Gigabytes of droplet backups, times the share of the month.',
    VOLUME_GB_MONTH: 'Gigabytes of volumes, times the share of the month.',
    BANDWIDTH_GB: 'Gigabytes that droplets sent to the internet.',
    DNS_ZONES: 'DNS zones, times the share of the month.',
    LLM_TOKENS: 'Tokens. The LLM gateway prices requests itself, so their lines have the kind LLM_USAGE.',
  },
});
export const PlanVersionStatusEnum = enumOf('PlanVersionStatus', PLAN_VERSION_STATUSES, {
  description: 'Where a plan version stands. A plan has at most one active version.',
  values: {
    DRAFT: 'Not published; nobody can subscribe to it.',
    ACTIVE: 'Published; new subscriptions get it.',
    RETIRED: 'Replaced by a newer version; its subscriptions stay on it.',
  },
});
export const LineKindEnum = enumOf('LineKind', LINE_KINDS, {
  description: 'What a line of a quote or an invoice bills.',
  values: {
    PLAN_BASE: 'The monthly price of the plan version, prorated by days.',
    ADDON: 'The monthly price of one addon, prorated by days.',
    OVERAGE: 'Usage of one billing kind beyond its allowance.',
    LLM_USAGE: 'What the LLM gateway charged.',
    TAX: 'GST.',
  },
});
export const DeploymentStateEnum = enumOf('DeploymentState', DEPLOYMENT_STATES, {
  description:
    'The life of a deployment. `Deployment.allowedTransitions` lists the states that the viewer can set next.',
  values: {
    PROVISIONING: 'A saga creates its droplet and DNS.',
    TRIAL: 'In use, and not billed before the trial ends.',
    ACTIVE: 'In use and billed.',
    PAST_DUE: 'In use with an overdue invoice.',
    PAUSED: 'Paused by its tenant or an operator; its subscription is paused too.',
    SUSPENDED: 'Stopped by an operator.',
    CANCELLED: 'Ended; its subscription is cancelled.',
    ARCHIVED: 'Ended, its cloud resources removed. No further change is possible.',
  },
});
export const LlmModeEnum = enumOf('LlmMode', LLM_MODES, {
  description: "How a deployment's LLM requests are paid for.",
  values: {
    NONE: 'The deployment uses no LLM.',
    MANAGED: 'Through our gateway, billed by it.',
    BYOK: "With the tenant's own provider keys; we bill nothing.",
  },
});
export const SubscriptionStatusEnum = enumOf('SubscriptionStatus', SUBSCRIPTION_STATUSES, {
  description: 'Whether a subscription is billed. A live subscription is ACTIVE or PAUSED.',
  values: {
    ACTIVE: 'Billed from its first billed day on.',
    PAUSED: 'Not billed until it is resumed.',
    CANCELLED: 'Ended for good.',
  },
});
export const GranularityEnum = enumOf('Granularity', GRANULARITIES, {
  description: 'How much time one usage record covers.',
  values: { DAILY: 'One UTC day.', HOURLY: 'One hour.' },
});
export const InvoiceStatusEnum = enumOf('InvoiceStatus', INVOICE_STATUSES, {
  description: 'Where an invoice stands. Only a draft can change in content.',
  values: {
    DRAFT: 'Not issued; the next roll-up with `force` replaces it.',
    ISSUED: 'Sent to the tenant, with a number unless it is over nothing.',
    PAID: 'Issued and paid.',
    VOID: 'Withdrawn; its month is not billed again.',
  },
});
