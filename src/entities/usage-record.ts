import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { Granularity } from '../core/metering/metering.js';
import type { DecimalText } from '../core/money/decimal-text.js';

/** What one resource used in one day or hour. */
@Entity('usage_records')
export class UsageRecord {
  @Column({ type: 'bigint', generated: 'identity', insert: false, update: false }) id: string;
  @PrimaryColumn({ type: 'uuid' }) deploymentId: string;
  @PrimaryColumn({ type: 'uuid' }) resourceId: string;
  @PrimaryColumn({ type: 'text' }) kind: BillingKind;
  @PrimaryColumn({ type: 'text' }) granularity: Granularity;
  @PrimaryColumn({ type: 'timestamptz' }) periodStart: Date;
  @Column({ type: 'numeric' }) quantity: DecimalText;
  @Column({ type: 'jsonb', nullable: true }) subAttribution: Record<string, unknown> | null;
}
