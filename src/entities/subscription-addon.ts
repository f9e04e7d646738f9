import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';
import type { Day } from '../core/time/period.js';

/** An addon as it stood when it was attached. */
@Entity('subscription_addons')
export class SubscriptionAddon {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'uuid' }) subscriptionId: string;
  @Column({ type: 'uuid' }) addonId: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'numeric' }) quantity: DecimalText;
  @Column({ type: 'bigint' }) priceCents: string;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'date' }) startsOn: Day;
  @Column({ type: 'date', nullable: true }) untilDay: Day | null;
}
