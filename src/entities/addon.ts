import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';

/** More of one billing kind, for a fixed monthly price. */
@Entity('addons')
export class Addon {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) code: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'numeric' }) quantity: DecimalText;
  @Column({ type: 'bigint' }) priceCents: string;
  @Column({ type: 'text' }) currency: Currency;
}
