import { Inventory1763600000100 } from './1763600000100-inventory.js';
import { Costs1763600000200 } from './1763600000200-costs.js';
import { Deployments1763600000250 } from './1763600000250-deployments.js';
import { Sagas1763600000300 } from './1763600000300-sagas.js';
import { Billing1763600000400 } from './1763600000400-billing.js';
import { Margin1763600000500 } from './1763600000500-margin.js';
import { BilledCharges1763600000650 } from './1763600000650-billed-charges.js';
import { RateLimits1763600001100 } from './1763600001100-rate-limits.js';
import { WriteChecks1763600001110 } from './1763600001110-write-checks.js';
import { PlanAllowances1763600001200 } from './1763600001200-plan-allowances.js';
import { AuditRejections1763600001210 } from './1763600001210-audit-rejections.js';
import { StreamEpochs1763600001300 } from './1763600001300-stream-epochs.js';
import { ScheduleFires1763600001400 } from './1763600001400-schedule-fires.js';
import { FrozenLinePrices1763600001500 } from './1763600001500-frozen-line-prices.js';
import { WhatInvoicesSay1763600001510 } from './1763600001510-what-invoices-say.js';
import { InvoiceCurrencies1763600001600 } from './1763600001600-invoice-currencies.js';
import { MeteringFromEvents1763600001610 } from './1763600001610-metering-from-events.js';
import { TrialsAndHolds1763600001620 } from './1763600001620-trials-and-holds.js';
import { Receivables1763600001700 } from './1763600001700-receivables.js';
import { BucketMeasurements1763600001710 } from './1763600001710-bucket-measurements.js';
import { SagaStepNotes1763600002000 } from './1763600002000-saga-step-notes.js';
import { Vpcs1763600002300 } from './1763600002300-vpcs.js';
import { AllowanceShares1763600002500 } from './1763600002500-allowance-shares.js';

/** In the order in which they run. */
export const migrations = [
  Inventory1763600000100,
  Costs1763600000200,
  Deployments1763600000250,
  Sagas1763600000300,
  Billing1763600000400,
  Margin1763600000500,
  BilledCharges1763600000650,
  RateLimits1763600001100,
  WriteChecks1763600001110,
  PlanAllowances1763600001200,
  AuditRejections1763600001210,
  StreamEpochs1763600001300,
  ScheduleFires1763600001400,
  FrozenLinePrices1763600001500,
  WhatInvoicesSay1763600001510,
  InvoiceCurrencies1763600001600,
  MeteringFromEvents1763600001610,
  TrialsAndHolds1763600001620,
  Receivables1763600001700,
  BucketMeasurements1763600001710,
  SagaStepNotes1763600002000,
  Vpcs1763600002300,
  AllowanceShares1763600002500,
];
