import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { Granularity } from '../core/metering/metering.js';

/** How one billing kind is metered, where an operator has said so. */
@Entity('metering_config')
export class MeteringConfig {
  @PrimaryColumn({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'text' }) granularity: Granularity;
  @Column({ type: 'int' }) retentionDays: number;
}
