import { Addon } from './addon.js';
import { AuditEntry } from './audit-entry.js';
import { AuditRejection } from './audit-rejection.js';
import { BucketMeasurement } from './bucket-measurement.js';
import { CloudBalanceSnapshot } from './cloud-balance-snapshot.js';
import { CloudCostLine } from './cloud-cost-line.js';
import { CloudDrift } from './cloud-drift.js';
import { CloudInvoice } from './cloud-invoice.js';
import { CloudInvoiceIngest } from './cloud-invoice-ingest.js';
import { CloudProject } from './cloud-project.js';
import { CloudProjectMember } from './cloud-project-member.js';
import { CloudProvisioned } from './cloud-provisioned.js';
import { CloudResource } from './cloud-resource.js';
import { CloudResourceEvent } from './cloud-resource-event.js';
import { Deployment } from './deployment.js';
import { DeploymentEvent } from './deployment-event.js';
import { FxRate } from './fx-rate.js';
import { HeldMonth } from './held-month.js';
import { Invoice } from './invoice.js';
import { InvoiceLine } from './invoice-line.js';
import { InvoiceNumber } from './invoice-number.js';
import { LlmUsageEvent } from './llm-usage-event.js';
import { MeteredDay } from './metered-day.js';
import { MeteringConfig } from './metering-config.js';
import { Plan } from './plan.js';
import { PlanItem } from './plan-item.js';
import { PlanVersion } from './plan-version.js';
import { RateLimit } from './rate-limit.js';
import { ReceivablePush } from './receivable-push.js';
import { ResourcePrice } from './resource-price.js';
import { RollUpFailure } from './roll-up-failure.js';
import { RolledUpPeriod } from './rolled-up-period.js';
import { SagaEvent } from './saga-event.js';
import { SagaRun } from './saga-run.js';
import { SagaStepResult } from './saga-step-result.js';
import { ScheduleFire } from './schedule-fire.js';
import { StreamEpoch } from './stream-epoch.js';
import { StreamEpochMark } from './stream-epoch-mark.js';
import { Subscription } from './subscription.js';
import { SubscriptionAddon } from './subscription-addon.js';
import { SubscriptionSegment } from './subscription-segment.js';
import { SyncEvent } from './sync-event.js';
import { SyncRun } from './sync-run.js';
import { UsageRecord } from './usage-record.js';
import { WriteCheck } from './write-check.js';

export const entities = [
  Addon,
  AuditEntry,
  AuditRejection,
  BucketMeasurement,
  CloudBalanceSnapshot,
  CloudCostLine,
  CloudDrift,
  CloudInvoice,
  CloudInvoiceIngest,
  CloudProject,
  CloudProjectMember,
  CloudProvisioned,
  CloudResource,
  CloudResourceEvent,
  Deployment,
  DeploymentEvent,
  FxRate,
  HeldMonth,
  Invoice,
  InvoiceLine,
  InvoiceNumber,
  LlmUsageEvent,
  MeteredDay,
  MeteringConfig,
  Plan,
  PlanItem,
  PlanVersion,
  RateLimit,
  ReceivablePush,
  ResourcePrice,
  RolledUpPeriod,
  RollUpFailure,
  SagaEvent,
  SagaRun,
  SagaStepResult,
  ScheduleFire,
  StreamEpoch,
  StreamEpochMark,
  Subscription,
  SubscriptionAddon,
  SubscriptionSegment,
  SyncEvent,
  SyncRun,
  UsageRecord,
  WriteCheck,
];
