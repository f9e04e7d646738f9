import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Granularity } from '../core/metering/metering.js';
import type { BillingKind } from '../core/pricing/billing-kind.js';

/** How one billing kind is metered, where an operator has said so. */
@Entity('metering_config')
export class MeteringConfig {
  @PrimaryColumn({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'text' }) granularity: Granularity;
  @Column({ type: 'int' }) retentionDays: number;
}
