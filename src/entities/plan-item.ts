import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';

/** What a plan version includes of one billing kind. */
@Entity('plan_items')
export class PlanItem {
  @PrimaryColumn({ type: 'uuid' }) planVersionId: string;
  @PrimaryColumn({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'numeric' }) includedQuantity: DecimalText;
  @Column({ type: 'text' }) overageUnit: string;
  @Column({ type: 'numeric', nullable: true }) overagePriceCents: DecimalText | null;
  @Column({ type: 'numeric', nullable: true }) hardCapQuantity: DecimalText | null;
}
